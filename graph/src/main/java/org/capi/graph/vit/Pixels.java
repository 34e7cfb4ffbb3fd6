package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.layer.Axes;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** Images before they are tokens: their normalisation, and their patches as rows. */
public final class Pixels {

    private Pixels() {}

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
        var batch = Axes.size(tf, images, 0);
        var grid = PatchGrid.of(tf, images, patchSize);
        var p = tf.constant(patchSize);
        var size =
                tf.stack(List.of(batch, tf.math.mul(grid.rows(), p), tf.math.mul(grid.columns(), p), tf.constant(3)));
        var whole = tf.slice(images, tf.constant(new int[4]), size);
        List<Operand<TInt32>> cut = List.of(batch, grid.rows(), p, grid.columns(), p, tf.constant(3));
        var channelsFirst = tf.linalg.transpose(
                Axes.reshape(tf, whole, cut),
                tf.constant(new int[] {0, 1, 3, 5, 2, 4})); // [batch, rows, columns, 3, p, p]
        return Axes.reshape(tf, channelsFirst, List.of(batch, grid.count(tf), tf.constant(3 * patchSize * patchSize)));
    }
}
