package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.layer.Axes;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Vectors for the cells of a grid, resized to other grids by bicubic convolution (Keys 1981) with {@code a = -0.75}: cells
 * are squares whose centres are compared, what lies outside is the nearest cell, and nothing is smoothed.
 *
 * @param table {@code [rows · columns, dim]}
 */
record BicubicGrid(Operand<TFloat32> table, int rows, int columns) {

    private static final float A = -0.75f;

    /** The vectors for a grid of another size, {@code [cells, dim]}; those of its own size are the table to the bit. */
    Operand<TFloat32> resized(Ops tf, PatchGrid grid) {
        var dim = tf.constant(Math.toIntExact(table.shape().get(1)));
        var byRow = tf.reshape(table, tf.constant(new int[] {rows, -1})); // [rows, columns · dim]
        var down = tf.linalg.matMul(weights(tf, grid.rows(), rows), byRow);
        Operand<TFloat32> cells = Axes.reshape(tf, down, List.of(grid.rows(), tf.constant(columns), dim));
        var across = tf.expandDims(weights(tf, grid.columns(), columns), tf.constant(0)); // [1, new columns, columns]
        var both = tf.train.batchMatMul(across, cells, TFloat32.class); // [new rows, new columns, dim]
        return Axes.reshape(tf, both, List.of(grid.count(tf), dim));
    }

    /** What each of {@code n} new cells takes from each of {@code size} old ones along an axis, {@code [n, size]}. */
    private static Operand<TFloat32> weights(Ops tf, Operand<TInt32> n, int size) {
        var half = tf.constant(0.5f);
        var cell = tf.dtypes.cast(tf.range(tf.constant(0), n, tf.constant(1)), TFloat32.class);
        var scale = tf.math.div(tf.constant((float) size), tf.dtypes.cast(n, TFloat32.class));
        var place = tf.math.sub(tf.math.mul(tf.math.add(cell, half), scale), half);
        var left = tf.math.floor(place);
        var taps = tf.constant(new float[] {-1, 0, 1, 2});
        var column = tf.constant(new int[] {-1, 1});
        var distance = tf.math.abs(tf.math.sub(tf.reshape(tf.math.sub(place, left), column), taps)); // [n, 4]
        var old = tf.math.add(tf.reshape(left, column), taps);
        var inside = tf.clipByValue(old, tf.constant(0f), tf.constant(size - 1f));
        var picked = tf.oneHot(
                tf.dtypes.cast(inside, TInt32.class),
                tf.constant(size),
                tf.constant(1f),
                tf.constant(0f)); // [n, 4, size]
        return tf.sum(tf.math.mul(tf.expandDims(kernel(tf, distance), tf.constant(2)), picked), tf.constant(1));
    }

    /** {@code (a+2)d³ - (a+3)d² + 1} up to 1, {@code ad³ - 5ad² + 8ad - 4a} from there to 2. */
    private static Operand<TFloat32> kernel(Ops tf, Operand<TFloat32> d) {
        var near = polynomial(tf, d, A + 2, -A - 3, 0, 1);
        var far = polynomial(tf, d, A, -5 * A, 8 * A, -4 * A);
        return tf.select(tf.math.lessEqual(d, tf.constant(1f)), near, far);
    }

    private static Operand<TFloat32> polynomial(Ops tf, Operand<TFloat32> d, float... coefficients) {
        Operand<TFloat32> y = tf.constant(coefficients[0]);
        for (int i = 1; i < coefficients.length; i++) {
            y = tf.math.add(tf.math.mul(y, d), tf.constant(coefficients[i]));
        }
        return y;
    }
}
