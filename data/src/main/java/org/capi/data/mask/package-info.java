/** Which patches the student sees and which it predicts. */
@NullMarked
package org.capi.data.mask;

import org.jspecify.annotations.NullMarked;
