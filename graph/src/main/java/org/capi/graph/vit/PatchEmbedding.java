package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Initializer;
import org.capi.graph.Parameter.Role;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.layer.Linear;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Stack;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * Patches of an image as tokens: a linear map of a patch's pixels.
 *
 * @param projection {@code 3·patchSize² -> dim}
 */
public record PatchEmbedding<T extends TFloating>(Linear<T> projection) {

    /** Declares {@code weight [dim, 3, patchSize, patchSize]} and {@code bias}. */
    static <T extends TFloating> PatchEmbedding<T> create(Parameters<T> params, int patchSize, int dim) {
        int pixels = 3 * patchSize * patchSize;
        Operand<T> weight = params.declare(
                "weight", Role.PATCH_EMBED, Shape.of(dim, 3, patchSize, patchSize), Initializer.XAVIER_UNIFORM);
        Operand<T> bias = params.declare(
                "bias", Role.PATCH_EMBED_BIAS, Shape.of(dim), Initializer.uniform(1 / Math.sqrt(pixels)));
        var tf = params.ops();
        return new PatchEmbedding<>(new Linear<>(tf.reshape(weight, tf.constant(new int[] {dim, pixels})), bias));
    }

    /** {@code [batch, patches, 3·patchSize²] -> [batch, patches, dim]}. */
    Operand<T> apply(Ops tf, Operand<TFloat32> patches) {
        return projection.apply(
                tf, Tensors.cast(tf, patches, projection.weight().type()));
    }

    /** Grey levels 0 to 255 to the mean and deviation of ImageNet: {@code [batch, height, width, 3]}. */
    public static Operand<TFloat32> normalizeBytes(Ops tf, Operand<? extends TNumber> images) {
        var scaled = tf.math.div(tf.dtypes.cast(images, TFloat32.class), tf.constant(255f));
        return Normalization.IMAGENET.apply(tf, scaled);
    }

    /**
     * Patches in row-major order, each as channel, row, column: {@code [batch, height, width, 3] -> [batch, patches,
     * 3·patchSize²]}. What is left at the bottom and at the right of the last whole patch is ignored.
     */
    public static Operand<TFloat32> patches(Ops tf, Operand<TFloat32> images, int patchSize) {
        var batch = Tensors.size(tf, images, 0);
        var grid = Grid.of(tf, images, patchSize);
        var p = tf.constant(patchSize);
        var size =
                tf.stack(List.of(batch, tf.math.mul(grid.rows(), p), tf.math.mul(grid.columns(), p), tf.constant(3)));
        var whole = tf.slice(images, tf.constant(new int[4]), size);
        List<Operand<TInt32>> cut = List.of(batch, grid.rows(), p, grid.columns(), p, tf.constant(3));
        var channelsFirst = tf.linalg.transpose(
                Tensors.reshape(tf, whole, cut),
                tf.constant(new int[] {0, 1, 3, 5, 2, 4})); // [batch, rows, columns, 3, p, p]
        return Tensors.reshape(
                tf, channelsFirst, List.of(batch, grid.count(tf), tf.constant(3 * patchSize * patchSize)));
    }

    /**
     * The grid of an image's patches; coordinate 0 is the row and coordinate 1 the column, each from 0 at the first
     * patch to 1 at the last.
     *
     * @param rows patches from top to bottom, a scalar
     * @param columns patches from left to right, a scalar
     */
    record Grid(Operand<TInt32> rows, Operand<TInt32> columns) {

        /** The grid of images {@code [batch, height, width, 3]}. */
        static Grid of(Ops tf, Operand<TFloat32> images, int patchSize) {
            return new Grid(patches(tf, images, 1, patchSize), patches(tf, images, 2, patchSize));
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
            var sizes = List.of(Tensors.size(tf, images, 0), count(tf), tf.constant(2));
            return tf.broadcastTo(coordinates(tf), tf.stack(sizes));
        }

        private static Operand<TInt32> patches(Ops tf, Operand<TFloat32> images, int axis, int patchSize) {
            long known = images.shape().get(axis);
            return known == Shape.UNKNOWN_SIZE
                    ? tf.math.floorDiv(Tensors.size(tf, images, axis), tf.constant(patchSize))
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
}
