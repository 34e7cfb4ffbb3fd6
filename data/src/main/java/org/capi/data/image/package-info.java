/** From encoded bytes to pixels: headers, decoding, crops and resizing with TensorFlow's image kernels. */
@NullMarked
package org.capi.data.image;

import org.jspecify.annotations.NullMarked;
