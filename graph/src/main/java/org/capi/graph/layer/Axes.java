package org.capi.graph.layer;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/** Reshapes of tensors some of whose sizes may be known only when the graph runs. */
public final class Axes {

    private Axes() {}

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
    static <T extends TType> Operand<T> rows(Ops tf, Operand<T> x) {
        return tf.reshape(x, tf.constant(new long[] {-1, x.shape().get(-1)}));
    }

    /** {@code [rows, dim] -> [..., dim]}, with the leading axes of {@code like}. */
    static <T extends TType> Operand<T> unrows(Ops tf, Operand<T> x, Operand<?> like) {
        List<Operand<TInt32>> sizes = new ArrayList<>();
        for (int axis = 0; axis < like.shape().numDimensions() - 1; axis++) {
            sizes.add(size(tf, like, axis));
        }
        sizes.add(tf.constant(Math.toIntExact(x.shape().get(-1))));
        return reshape(tf, x, sizes);
    }
}
