package org.capi.graph.layer;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/** What brings the vectors of the last axis to one size; always computed in float32. */
public sealed interface Norm permits RmsNorm, LayerNorm {

    /** {@code [..., dim] -> [..., dim]}. */
    <T extends TFloating> Operand<T> apply(Ops tf, Operand<T> x);
}
