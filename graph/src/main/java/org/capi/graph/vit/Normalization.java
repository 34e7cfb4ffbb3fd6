package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Tensors;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
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
        long width = images.shape().get(2);
        if (width == Shape.UNKNOWN_SIZE) {
            return tf.math.div(tf.math.sub(images, row(tf, mean, 1)), row(tf, deviation, 1));
        }
        // Constants for a whole row of pixels: a CPU is slow at repeating three numbers.
        var rows = tf.reshape(images, tf.constant(new long[] {-1, 3 * width}));
        var normal = tf.math.div(tf.math.sub(rows, row(tf, mean, width)), row(tf, deviation, width));
        var sizes = List.of(
                Tensors.size(tf, images, 0), Tensors.size(tf, images, 1), Tensors.size(tf, images, 2), tf.constant(3));
        return Tensors.reshape(tf, normal, sizes);
    }

    /** Three values, over and over for each pixel of a row: {@code [3 · width]}. */
    private static Operand<TFloat32> row(Ops tf, List<Float> values, long width) {
        var colours = tf.constant(new float[] {values.get(0), values.get(1), values.get(2)});
        return width == 1 ? colours : tf.tile(colours, tf.constant(new long[] {width}));
    }
}
