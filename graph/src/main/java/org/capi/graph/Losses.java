package org.capi.graph;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/** Losses of rows, and their means. */
public final class Losses {

    private Losses() {}

    /** {@code -Σ targets · log_softmax(logits / temperature)} of each row, {@code [..., prototypes] -> [...]}. */
    public static Operand<TFloat32> crossEntropy(
            Ops tf, Operand<TFloat32> targets, Operand<TFloat32> logits, double temperature) {
        long width = logits.shape().get(-1);
        var scaled = tf.math.div(logits, tf.constant((float) temperature));
        var logs = tf.nn.logSoftmax(tf.reshape(scaled, tf.constant(new long[] {-1, width})));
        var weighted = tf.math.mul(tf.reshape(targets, tf.constant(new long[] {-1, width})), logs);
        return tf.math.neg(tf.reduceSum(weighted, tf.constant(1)));
    }

    /**
     * The Huber loss, {@code r²/2} of a difference r up to 1 and {@code |r| - 1/2} beyond, the mean over all numbers of
     * a row: {@code [rows, width] -> [rows]}.
     */
    public static Operand<TFloat32> huber(Ops tf, Operand<TFloat32> predictions, Operand<TFloat32> targets) {
        var size = tf.math.abs(tf.math.sub(predictions, targets));
        var bounded = tf.math.minimum(size, tf.constant(1f));
        var huber = tf.math.mul(bounded, tf.math.sub(size, tf.math.mul(bounded, tf.constant(0.5f))));
        return tf.math.mean(huber, tf.constant(-1));
    }

    /** The mean entropy of distributions {@code [rows, prototypes]}, in nats, a scalar. */
    public static Operand<TFloat64> entropy(Ops tf, Operand<TFloat32> rows) {
        return mean(tf, tf.math.neg(tf.reduceSum(tf.math.xlogy(rows, rows), tf.constant(1))));
    }

    /** The mean of {@code [rows]}, in double precision. */
    public static Operand<TFloat64> mean(Ops tf, Operand<TFloat32> rows) {
        return tf.math.mean(tf.dtypes.cast(rows, TFloat64.class), tf.constant(0));
    }
}
