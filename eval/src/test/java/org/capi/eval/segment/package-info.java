/** Tests of segmentation with frozen features. */
@NullMarked
package org.capi.eval.segment;

import org.jspecify.annotations.NullMarked;
