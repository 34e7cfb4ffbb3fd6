package org.capi.graph.pretrain;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
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
        Operand<TFloat32> targets) {

    static Losses of(Ops tf, ClusteringPass.Outcome clusters, StudentPass.Outcome student) {
        var targets = clusters.targets();
        var entropies = tf.math.neg(tf.reduceSum(tf.math.xlogy(targets, targets), tf.constant(1)));
        return new Losses(student.loss(), clusters.loss(), mean(tf, entropies), targets);
    }

    /** The mean of {@code [rows]}, in double precision. */
    static Operand<TFloat64> mean(Ops tf, Operand<TFloat32> rows) {
        return tf.math.mean(tf.dtypes.cast(rows, TFloat64.class), tf.constant(0));
    }
}
