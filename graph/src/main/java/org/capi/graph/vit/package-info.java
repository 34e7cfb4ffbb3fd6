/** The vision transformer of CAPI: where tokens are, the encoder over visible patches and the cross-attention predictor. */
@NullMarked
package org.capi.graph.vit;

import org.jspecify.annotations.NullMarked;
