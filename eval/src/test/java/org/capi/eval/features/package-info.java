/** Tests of the features. */
@NullMarked
package org.capi.eval.features;

import org.jspecify.annotations.NullMarked;
