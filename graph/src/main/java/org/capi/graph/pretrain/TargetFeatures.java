package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.vit.Encoder;
import org.capi.graph.vit.PatchEmbedding;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** The features of every patch of whole images, from which targets are made. */
sealed interface TargetFeatures<T extends TFloating> {

    /**
     * Those of a configuration.
     *
     * @param average the moving average of the student's encoder
     * @param frozen where an encoder is declared that nothing changes
     */
    static <T extends TFloating> TargetFeatures<T> create(StepConfig config, Encoder<T> average, Parameters<T> frozen) {
        return switch (config.objective().targets()) {
            case EMA -> new EncoderFeatures<>(average, config.plan());
            case FROZEN -> new EncoderFeatures<>(Encoder.create(frozen, config.vit()), config.plan());
            case PIXELS -> new PixelFeatures<>(config.vit().patchSize(), frozen.type());
        };
    }

    /** Of every patch of normalised images {@code [batch, height, width, 3]}. */
    PatchFeatures<T> apply(Ops tf, Operand<TFloat32> images);

    /**
     * Features, and how far they are.
     *
     * @param values {@code [positions, batch, width]}
     * @param halfDone what is there when about half of the work is done; empty if that is little
     */
    record PatchFeatures<T extends TFloating>(Operand<T> values, List<Operand<T>> halfDone) {}

    /** A teacher's output for whole images, a micro-batch at a time, each in parallel streams. */
    record EncoderFeatures<T extends TFloating>(Encoder<T> teacher, ExecutionPlan plan) implements TargetFeatures<T> {

        @Override
        public PatchFeatures<T> apply(Ops tf, Operand<TFloat32> images) {
            List<Operand<T>> features = new ArrayList<>();
            List<Operand<T>> halfDone = new ArrayList<>();
            for (int i = 0; i < plan.microBatches(); i++) {
                var part = plan.microBatch(tf, images, i);
                var next = features.isEmpty() ? part : Tensors.after(tf, part, features);
                for (Operand<TFloat32> stream : plan.streams(tf, next)) {
                    var states = teacher.states(tf, stream);
                    halfDone.add(states.get(states.size() / 2));
                    var patches = teacher.patches(tf, states); // [images, positions, dim]
                    features.add(tf.linalg.transpose(patches, tf.constant(new int[] {1, 0, 2})));
                }
            }
            var all = features.size() == 1 ? features.get(0) : tf.concat(features, tf.constant(1));
            return new PatchFeatures<>(all, halfDone);
        }
    }

    /**
     * The pixels of each patch, brought to mean 0 and deviation 1 patch by patch, {@code (x - mean) / √(variance +
     * 1e-6)} with the unbiased variance, as in MAE (He et al. 2022).
     *
     * @param type the compute type
     */
    record PixelFeatures<T extends TFloating>(int patchSize, Class<T> type) implements TargetFeatures<T> {

        private static final float EPSILON = 1e-6f;

        @Override
        public PatchFeatures<T> apply(Ops tf, Operand<TFloat32> images) {
            var pixels = PatchEmbedding.patches(tf, images, patchSize); // [batch, positions, 3·patchSize²]
            var centred = tf.math.sub(pixels, tf.math.mean(pixels, tf.constant(-1), Mean.keepDims(true)));
            var squares = tf.reduceSum(tf.math.square(centred), tf.constant(-1), ReduceSum.keepDims(true));
            var variance =
                    tf.math.div(squares, tf.constant((float) (pixels.shape().get(-1) - 1)));
            var normed = tf.math.div(centred, tf.math.sqrt(tf.math.add(variance, tf.constant(EPSILON))));
            var positionsFirst = tf.linalg.transpose(normed, tf.constant(new int[] {1, 0, 2}));
            return new PatchFeatures<>(tf.dtypes.cast(positionsFirst, type), List.of());
        }
    }
}
