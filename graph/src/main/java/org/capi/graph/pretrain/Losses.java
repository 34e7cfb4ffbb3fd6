package org.capi.graph.pretrain;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * What a step measures before it changes anything.
 *
 * @param student the mistake of the predictions: their cross-entropy with assignments, or their distance from a direct
 *     target, a scalar
 * @param clustering the clustering loss, a scalar; NaN where nothing is clustered
 * @param targetEntropy mean entropy of the targets, a scalar; NaN where they are no assignments
 * @param targets at the predicted positions {@code [batch · predicted, width]}
 */
public record Losses(
        Operand<TFloat64> student,
        Operand<TFloat32> clustering,
        Operand<TFloat64> targetEntropy,
        Operand<TFloat32> targets) {

    static Losses of(Ops tf, Targets targets, StudentPass.Outcome student) {
        var loss = targets.loss() == null ? tf.constant(Float.NaN) : targets.loss();
        return new Losses(student.loss(), loss, entropy(tf, targets), targets.rows());
    }

    private static Operand<TFloat64> entropy(Ops tf, Targets targets) {
        if (targets.masses().isEmpty()) {
            return tf.constant(Double.NaN);
        }
        var rows = targets.rows();
        return mean(tf, tf.math.neg(tf.reduceSum(tf.math.xlogy(rows, rows), tf.constant(1))));
    }

    /** The mean of {@code [rows]}, in double precision. */
    static Operand<TFloat64> mean(Ops tf, Operand<TFloat32> rows) {
        return tf.math.mean(tf.dtypes.cast(rows, TFloat64.class), tf.constant(0));
    }
}
