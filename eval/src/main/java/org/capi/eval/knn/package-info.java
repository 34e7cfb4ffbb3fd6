/** Classification by the nearest neighbours among frozen features. */
@NullMarked
package org.capi.eval.knn;

import org.jspecify.annotations.NullMarked;
