package org.capi.graph;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.RawCustomGradient;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;

/**
 * Casts, reshapes of tensors whose sizes may be known only when the graph runs, norms, the order of execution, and
 * registration of gradients for ops that have none in TensorFlow.
 */
public final class Tensors {

    /** Arrays whose squares one op sums, about three blocks' parameters: fewer make more kernels, more need memory. */
    private static final int ARRAYS_TOGETHER = 24;

    private Tensors() {}

    /** Gives an op a gradient, for all graphs of the process; once only. */
    public static void registerGradient(String op, RawCustomGradient gradient) {
        if (!TensorFlow.registerCustomGradient(op, gradient)) {
            throw new IllegalStateException("TensorFlow has a gradient of " + op + " already");
        }
    }

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
     * The length of all of them as one vector, a scalar.
     *
     * @param compiled whether XLA compiles it, see {@link #rowSquares}
     */
    public static Operand<TFloat64> norm(Ops tf, List<Operand<TFloat32>> all, boolean compiled) {
        if (compiled) {
            // XLA computes rows that meet in one op in one pass, and keeps the arrays of all of them until then.
            List<Operand<TFloat64>> sums = new ArrayList<>();
            for (int i = 0; i < all.size(); i += ARRAYS_TOGETHER) {
                var some = all.subList(i, Math.min(i + ARRAYS_TOGETHER, all.size()));
                sums.add(sumOfRows(tf, some.stream().map(x -> rowSquares(tf, x)).toList()));
            }
            return tf.math.sqrt(tf.reduceSum(tf.stack(sums), tf.constant(0)));
        }
        List<Operand<TFloat32>> halves = new ArrayList<>();
        for (Operand<TFloat32> x : all) {
            halves.add(tf.nn.l2Loss(x));
        }
        var half = tf.reduceSum(tf.dtypes.cast(tf.stack(halves), TFloat64.class), tf.constant(0));
        return tf.math.sqrt(tf.math.mul(half, tf.constant(2.0)));
    }

    /**
     * The sum of the squares of each row, which XLA computes in one pass with whatever else is done with them: {@code
     * [rows, ...] -> [rows]}. A vector is one row.
     */
    public static Operand<TFloat32> rowSquares(Ops tf, Operand<TFloat32> x) {
        long rows = x.shape().numDimensions() > 1 ? x.shape().get(0) : 1;
        var matrix = tf.reshape(x, tf.constant(new long[] {rows, -1}));
        return tf.reduceSum(tf.math.square(matrix), tf.constant(1));
    }

    /** The length of arrays whose {@link #rowSquares} are given, as one vector, a scalar. */
    public static Operand<TFloat64> normOfRows(Ops tf, List<Operand<TFloat32>> squares) {
        return tf.math.sqrt(sumOfRows(tf, squares));
    }

    private static Operand<TFloat64> sumOfRows(Ops tf, List<Operand<TFloat32>> rows) {
        var all = tf.dtypes.cast(rows.size() == 1 ? rows.get(0) : tf.concat(rows, tf.constant(0)), TFloat64.class);
        return tf.reduceSum(all, tf.constant(0));
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
