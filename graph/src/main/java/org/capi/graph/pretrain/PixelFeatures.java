package org.capi.graph.pretrain;

import java.util.List;
import org.capi.graph.vit.PatchEmbedding;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The pixels of each patch, brought to mean 0 and deviation 1 patch by patch, {@code (x - mean) / √(variance + 1e-6)} with
 * the unbiased variance, as in MAE (He et al. 2022).
 *
 * @param type the compute type
 */
record PixelFeatures<T extends TFloating>(int patchSize, Class<T> type) implements TargetFeatures<T> {

    private static final float EPSILON = 1e-6f;

    @Override
    public Described<T> apply(Ops tf, Operand<TFloat32> images) {
        var pixels = PatchEmbedding.patches(tf, images, patchSize); // [batch, positions, 3·patchSize²]
        var centred = tf.math.sub(pixels, tf.math.mean(pixels, tf.constant(-1), Mean.keepDims(true)));
        var squares = tf.reduceSum(tf.math.square(centred), tf.constant(-1), ReduceSum.keepDims(true));
        var variance = tf.math.div(squares, tf.constant((float) (pixels.shape().get(-1) - 1)));
        var normed = tf.math.div(centred, tf.math.sqrt(tf.math.add(variance, tf.constant(EPSILON))));
        var positionsFirst = tf.linalg.transpose(normed, tf.constant(new int[] {1, 0, 2}));
        return new Described<>(tf.dtypes.cast(positionsFirst, type), List.of());
    }
}
