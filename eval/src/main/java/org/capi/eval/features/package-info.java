/** One vector for every image of a dataset: from a frozen encoder, or from the pixels themselves. */
@NullMarked
package org.capi.eval.features;

import org.jspecify.annotations.NullMarked;
