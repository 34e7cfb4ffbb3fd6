package org.capi.graph.pretrain;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/** Puts parts of a graph one after the other that would otherwise run, and take memory, at the same time. */
final class Order {

    private Order() {}

    /**
     * The same values, without a gradient, once every one of {@code done} is there.
     *
     * <p>They depend on the data of the last one, by a zero that no optimizer knows to be one. XLA drops control
     * dependencies within a cluster, and XLA and Grappler merge subgraphs with equal inputs, such as a block and its
     * second forward pass. A last one that is not finite makes the values NaN.
     */
    static <T extends TFloating> Operand<T> after(Ops tf, Operand<T> x, List<? extends Operand<?>> done) {
        var last = done.get(done.size() - 1);
        var ordered = tf.withControlDependencies(done.toArray(Operand<?>[]::new));
        var flat = ordered.reshape(last, tf.constant(new long[] {-1}));
        var first = tf.dtypes.cast(tf.stridedSlice(flat, Indices.at(0)), x.type());
        var zero = tf.math.minimum(tf.math.abs(first), tf.dtypes.cast(tf.constant(0f), x.type()));
        return tf.math.add(tf.stopGradient(x), tf.stopGradient(zero));
    }
}
