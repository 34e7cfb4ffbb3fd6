/** Segmentation with frozen features: every patch is judged by itself, its pixels are scored. */
@NullMarked
package org.capi.eval.segment;

import org.jspecify.annotations.NullMarked;
