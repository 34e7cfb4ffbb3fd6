/** Tests of the files for other languages. */
@NullMarked
package org.capi.savedmodels.interop;

import org.jspecify.annotations.NullMarked;
