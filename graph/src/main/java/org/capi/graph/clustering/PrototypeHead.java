package org.capi.graph.clustering;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/** A head that scores features by prototypes: the student's, and its moving average. */
public sealed interface PrototypeHead<T extends TFloating> permits PredictionHead, MlpHead {

    /** Logits: {@code [rows, dim] -> [rows, prototypes]}. */
    Operand<T> apply(Ops tf, Operand<T> x);
}
