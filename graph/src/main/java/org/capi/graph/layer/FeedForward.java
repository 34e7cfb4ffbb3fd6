package org.capi.graph.layer;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/** What a block does to each token by itself. */
public sealed interface FeedForward<T extends TFloating> permits Mlp, SwiGlu {

    /** {@code [..., dim] -> [..., dim]}. */
    Operand<T> apply(Ops tf, Operand<T> x);
}
