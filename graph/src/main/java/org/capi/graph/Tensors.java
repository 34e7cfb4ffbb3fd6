package org.capi.graph;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/** Casts, reshapes of tensors whose sizes may be known only when the graph runs, and the order of execution. */
public final class Tensors {

    private Tensors() {}

    /**
     * The same numbers in another type. A tensor of that type is returned as it is: a cast that changes nothing would
     * keep TensorFlow from fusing the ops before and after it.
     */
    @SuppressWarnings("unchecked")
    public static <T extends TNumber> Operand<T> cast(Ops tf, Operand<? extends TNumber> x, Class<T> type) {
        return x.type().equals(type) ? (Operand<T>) x : tf.dtypes.cast(x, type);
    }

    /** The size of an axis: a constant wherever the graph knows it. */
    public static Operand<TInt32> size(Ops tf, Operand<? extends TType> x, int axis) {
        long known = x.shape().get(axis);
        return known == Shape.UNKNOWN_SIZE
                ? tf.stridedSlice(tf.shape(x), Indices.at(axis))
                : tf.constant(Math.toIntExact(known));
    }

    /** Reshapes to sizes that are constants or scalars of the graph. */
    public static <T extends TType> Operand<T> reshape(Ops tf, Operand<T> x, List<Operand<TInt32>> sizes) {
        return tf.reshape(x, tf.stack(sizes));
    }

    /** {@code [..., dim] -> [rows, dim]}. */
    public static <T extends TType> Operand<T> rows(Ops tf, Operand<T> x) {
        return tf.reshape(x, tf.constant(new long[] {-1, x.shape().get(-1)}));
    }

    /** {@code [rows, dim] -> [..., dim]}, with the leading axes of {@code like}. */
    public static <T extends TType> Operand<T> unrows(Ops tf, Operand<T> x, Operand<?> like) {
        List<Operand<TInt32>> sizes = new ArrayList<>();
        for (int axis = 0; axis < like.shape().numDimensions() - 1; axis++) {
            sizes.add(size(tf, like, axis));
        }
        sizes.add(tf.constant(Math.toIntExact(x.shape().get(-1))));
        return reshape(tf, x, sizes);
    }

    /**
     * The same values, without a gradient, computed after every one of {@code done}, so that parts of a graph do not
     * take memory at the same time.
     *
     * <p>They depend on the data of the last one, by a zero that no optimizer folds. XLA drops control dependencies
     * within a cluster, and XLA and Grappler merge subgraphs with equal inputs, such as a block and its second forward
     * pass. If the last one is not finite, the values become NaN.
     */
    public static <T extends TFloating> Operand<T> after(Ops tf, Operand<T> x, List<? extends Operand<?>> done) {
        var ordered = tf.withControlDependencies(done.toArray(Operand<?>[]::new));
        return tf.math.add(tf.stopGradient(x), zero(ordered, done.get(done.size() - 1), x.type()));
    }

    /** A scalar zero, without a gradient, computed after {@code done}, which no optimizer folds into a constant. */
    public static <T extends TFloating> Operand<T> zero(Ops tf, Operand<?> done, Class<T> type) {
        var first = tf.stridedSlice(tf.reshape(done, tf.constant(new long[] {-1})), Indices.at(0));
        Operand<T> cast = tf.dtypes.cast(first, type);
        return tf.stopGradient(tf.math.minimum(tf.math.abs(cast), tf.dtypes.cast(tf.constant(0f), type)));
    }
}
