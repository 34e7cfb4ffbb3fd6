/** Tests of the nearest neighbours. */
@NullMarked
package org.capi.eval.knn;

import org.jspecify.annotations.NullMarked;
