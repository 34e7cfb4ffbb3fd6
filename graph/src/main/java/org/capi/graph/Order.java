package org.capi.graph;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/** Puts parts of a graph one after the other that would otherwise run, and take memory, at the same time. */
public final class Order {

    private Order() {}

    /**
     * The same values, without a gradient, once every one of {@code done} is there.
     *
     * <p>They depend on the data of the last one, by a zero that no optimizer knows to be one. XLA drops control
     * dependencies within a cluster, and XLA and Grappler merge subgraphs with equal inputs, such as a block and its
     * second forward pass. A last one that is not finite makes the values NaN.
     */
    public static <T extends TFloating> Operand<T> after(Ops tf, Operand<T> x, List<? extends Operand<?>> done) {
        var ordered = tf.withControlDependencies(done.toArray(Operand<?>[]::new));
        return tf.math.add(tf.stopGradient(x), zero(ordered, done.get(done.size() - 1), x.type()));
    }

    /** A scalar zero, without a gradient, that is there once {@code done} is, and that no optimizer takes for a constant. */
    public static <T extends TFloating> Operand<T> zero(Ops tf, Operand<?> done, Class<T> type) {
        var first = tf.stridedSlice(tf.reshape(done, tf.constant(new long[] {-1})), Indices.at(0));
        Operand<T> cast = tf.dtypes.cast(first, type);
        return tf.stopGradient(tf.math.minimum(tf.math.abs(cast), tf.dtypes.cast(tf.constant(0f), type)));
    }
}
