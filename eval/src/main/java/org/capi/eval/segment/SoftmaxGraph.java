package org.capi.eval.segment;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * The cross-entropy of a linear classifier summed over a chunk of rows, and its gradient, as a static graph.
 *
 * @param rows {@code [chunk, dim]}
 * @param truths {@code [chunk]}; a row with the label -1 only fills up the chunk, and nothing of it counts
 * @param weights {@code [classes, dim + 1]}: the weights of a class and behind them its intercept
 * @param loss a scalar
 * @param slope {@code [classes, dim + 1]}
 */
record SoftmaxGraph(
        Placeholder<TFloat32> rows,
        Placeholder<TInt32> truths,
        Placeholder<TFloat64> weights,
        Operand<TFloat64> loss,
        Operand<TFloat64> slope) {

    /** Computes in a type. */
    static <T extends TNumber> SoftmaxGraph build(Ops tf, Class<T> type, int chunk, int dim, int classes) {
        var rows = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(chunk, dim)));
        var truths = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(chunk)));
        var weights = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(classes, dim + 1)));
        Operand<T> x = tf.dtypes.cast(rows, type);
        Operand<T> w = part(tf, weights, type, 0, dim);
        Operand<T> b = tf.reshape(part(tf, weights, type, dim, 1), tf.constant(new int[] {1, classes}));
        Operand<T> logits = tf.math.add(tf.linalg.matMul(x, w, MatMul.transposeB(true)), b); // [chunk, classes]
        Operand<T> one = tf.dtypes.cast(tf.constant(1), type);
        Operand<T> zero = tf.dtypes.cast(tf.constant(0), type);
        Operand<T> hot = tf.oneHot(truths, tf.constant(classes), one, zero); // [chunk, classes]
        Operand<T> counts = tf.reduceSum(hot, tf.constant(1), ReduceSum.keepDims(true)); // [chunk, 1]
        Operand<T> logs = tf.nn.logSoftmax(logits);
        Operand<T> off = tf.math.sub(tf.math.mul(tf.math.exp(logs), counts), hot); // [chunk, classes]
        Operand<T> ofWeights = tf.linalg.matMul(off, x, MatMul.transposeA(true)); // [classes, dim]
        Operand<T> ofIntercepts = tf.reshape(tf.reduceSum(off, tf.constant(0)), tf.constant(new int[] {classes, 1}));
        Operand<T> loss = tf.math.neg(tf.reduceSum(tf.math.mul(hot, logs), tf.constant(new int[] {0, 1})));
        return new SoftmaxGraph(
                rows,
                truths,
                weights,
                tf.dtypes.cast(loss, TFloat64.class),
                tf.dtypes.cast(tf.concat(List.of(ofWeights, ofIntercepts), tf.constant(1)), TFloat64.class));
    }

    /** Some columns of the weights. */
    private static <T extends TNumber> Operand<T> part(
            Ops tf, Operand<TFloat64> weights, Class<T> type, int from, int count) {
        return tf.dtypes.cast(
                tf.slice(weights, tf.constant(new int[] {0, from}), tf.constant(new int[] {-1, count})), type);
    }
}
