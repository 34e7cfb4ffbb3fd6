package org.capi.graph.pretrain;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/** Losses of rows; the cross-entropy with assignments is {@link org.capi.graph.clustering.ClusteringHead#crossEntropy}. */
final class Losses {

    private Losses() {}

    /**
     * The Huber loss, {@code r²/2} of a difference r up to 1 and {@code |r| - 1/2} beyond, the mean over all numbers of a
     * row: {@code [rows, width] -> [rows]}.
     */
    static Operand<TFloat32> huber(Ops tf, Operand<TFloat32> predictions, Operand<TFloat32> targets) {
        var size = tf.math.abs(tf.math.sub(predictions, targets));
        var bounded = tf.math.minimum(size, tf.constant(1f));
        var huber = tf.math.mul(bounded, tf.math.sub(size, tf.math.mul(bounded, tf.constant(0.5f))));
        return tf.math.mean(huber, tf.constant(-1));
    }

    /** The mean entropy of distributions {@code [rows, prototypes]}, in nats, a scalar. */
    static Operand<TFloat64> entropy(Ops tf, Operand<TFloat32> rows) {
        return mean(tf, tf.math.neg(tf.reduceSum(tf.math.xlogy(rows, rows), tf.constant(1))));
    }

    /** The mean of {@code [rows]}, in double precision. */
    static Operand<TFloat64> mean(Ops tf, Operand<TFloat32> rows) {
        return tf.math.mean(tf.dtypes.cast(rows, TFloat64.class), tf.constant(0));
    }
}
