/** An encoder so small that its outputs can be told by hand. */
@NullMarked
package org.capi.savedmodels.toy;

import org.jspecify.annotations.NullMarked;
