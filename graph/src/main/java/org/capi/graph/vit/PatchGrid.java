package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.layer.Axes;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The grid of an image's patches; coordinate 0 is the row and coordinate 1 the column, each from 0 at the first patch to
 * 1 at the last.
 *
 * @param rows patches from top to bottom, a scalar
 * @param columns patches from left to right, a scalar
 */
record PatchGrid(Operand<TInt32> rows, Operand<TInt32> columns) {

    /** The grid of images {@code [batch, height, width, 3]}. */
    static PatchGrid of(Ops tf, Operand<TFloat32> images, int patchSize) {
        return new PatchGrid(patches(tf, images, 1, patchSize), patches(tf, images, 2, patchSize));
    }

    /** How many patches, a scalar. */
    Operand<TInt32> count(Ops tf) {
        return tf.math.mul(rows, columns);
    }

    /** The coordinates of every patch in row-major order, {@code [patches, 2]}. */
    Operand<TFloat32> coordinates(Ops tf) {
        return pairs(tf, line(tf, rows), line(tf, columns));
    }

    /** The row and the column of every patch as whole numbers, in row-major order, {@code [patches, 2]}. */
    Operand<TFloat32> indices(Ops tf) {
        return pairs(tf, numbers(tf, rows), numbers(tf, columns));
    }

    /** Every pair of a row's and a column's number, in row-major order. */
    private Operand<TFloat32> pairs(Ops tf, Operand<TFloat32> ofRows, Operand<TFloat32> ofColumns) {
        var down = tf.reshape(ofRows, tf.constant(new int[] {-1, 1}));
        var across = tf.reshape(ofColumns, tf.constant(new int[] {1, -1}));
        var grid = tf.stack(List.of(rows, columns));
        var pairs = List.<Operand<TFloat32>>of(tf.broadcastTo(down, grid), tf.broadcastTo(across, grid));
        return tf.reshape(tf.stack(pairs, Stack.axis(2L)), tf.constant(new int[] {-1, 2}));
    }

    /** The same for each of the images, {@code [batch, patches, 2]}. */
    Operand<TFloat32> coordinates(Ops tf, Operand<TFloat32> images) {
        var sizes = List.of(Axes.size(tf, images, 0), count(tf), tf.constant(2));
        return tf.broadcastTo(coordinates(tf), tf.stack(sizes));
    }

    private static Operand<TInt32> patches(Ops tf, Operand<TFloat32> images, int axis, int patchSize) {
        long known = images.shape().get(axis);
        return known == Shape.UNKNOWN_SIZE
                ? tf.math.floorDiv(Axes.size(tf, images, axis), tf.constant(patchSize))
                : tf.constant(Math.toIntExact(known / patchSize));
    }

    /** {@code i / (n - 1)}; 0 for a single patch. */
    private static Operand<TFloat32> line(Ops tf, Operand<TInt32> n) {
        var last = tf.math.maximum(tf.math.sub(n, tf.constant(1)), tf.constant(1));
        return tf.math.div(numbers(tf, n), tf.dtypes.cast(last, TFloat32.class));
    }

    private static Operand<TFloat32> numbers(Ops tf, Operand<TInt32> n) {
        return tf.dtypes.cast(tf.range(tf.constant(0), n, tf.constant(1)), TFloat32.class);
    }
}
