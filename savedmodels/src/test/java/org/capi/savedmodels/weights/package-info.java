/** Tests of weights in files, and the files that they make. */
@NullMarked
package org.capi.savedmodels.weights;

import org.jspecify.annotations.NullMarked;
