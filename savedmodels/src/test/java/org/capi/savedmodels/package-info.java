/** Tests of the SavedModels. */
@NullMarked
package org.capi.savedmodels;

import org.jspecify.annotations.NullMarked;
