package org.capi.graph.pretrain;

import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * What a step measures before it changes anything.
 *
 * @param student cross-entropy of the predictions with their targets, a scalar
 * @param clustering the clustering loss, a scalar
 * @param targetEntropy mean entropy of the targets, a scalar
 * @param targets assignments at the predicted positions {@code [batch · predicted, prototypes]}
 */
public record Losses(
        Operand<TFloat64> student,
        Operand<TFloat32> clustering,
        Operand<TFloat64> targetEntropy,
        Operand<TFloat32> targets) {}
