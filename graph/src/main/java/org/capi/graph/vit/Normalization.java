package org.capi.graph.vit;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * What an encoder's pixels are brought to, {@code (x - mean) / deviation} for each of red, green and blue.
 *
 * @param mean of values in [0, 1]
 * @param deviation likewise
 */
public record Normalization(List<Float> mean, List<Float> deviation) {

    /** The mean and the deviation of ImageNet. */
    public static final Normalization IMAGENET =
            new Normalization(List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f));

    /** Keeps unmodifiable copies. */
    public Normalization {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (mean.size() != 3 || deviation.size() != 3 || deviation.stream().anyMatch(value -> !(value > 0))) {
            throw new IllegalArgumentException(
                    "pixels are normalised by three means and three deviations above 0, were " + mean + " and "
                            + deviation);
        }
    }

    /** Values in [0, 1] {@code [batch, height, width, 3]} to what the encoder takes. */
    public Operand<TFloat32> apply(Ops tf, Operand<TFloat32> images) {
        return tf.math.div(tf.math.sub(images, tf.constant(array(mean))), tf.constant(array(deviation)));
    }

    private static float[] array(List<Float> values) {
        return new float[] {values.get(0), values.get(1), values.get(2)};
    }
}
