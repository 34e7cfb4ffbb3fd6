package org.capi.graph.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.capi.graph.TestGraph;
import org.capi.graph.Workers;
import org.capi.graph.pretrain.PredictionObjective.DirectRegression;
import org.capi.graph.pretrain.TargetFeatures.PixelFeatures;
import org.capi.graph.vit.PlainMath;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

class DirectRegressionTest {

    private final DirectRegression<TFloat32> objective = new DirectRegression<>(null);

    @Test
    void theLossIsQuadraticUpToOneAndLinearBeyond() {
        float[] predictions = noise(15, 2);
        float[] targets = noise(15, 3);
        try (TestGraph graph = new TestGraph()) {
            float[] actual = graph.value(
                    objective.losses(graph.tf(), constant(graph, predictions, 3, 5), constant(graph, targets, 3, 5)));
            int large = 0;
            for (int row = 0; row < 3; row++) {
                double sum = 0;
                for (int i = row * 5; i < row * 5 + 5; i++) {
                    double r = Math.abs((double) predictions[i] - targets[i]);
                    large += r > 1 ? 1 : 0;
                    sum += r <= 1 ? r * r / 2 : r - 0.5;
                }
                assertThat((double) actual[row]).isCloseTo(sum / 5, within(1e-6));
            }
            assertThat(large).isBetween(1, 14);
        }
    }

    @Test
    void itsGradientIsTheDifferenceCutAtOne() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            Operand<TFloat32> x = constant(graph, new float[] {0.25f, -0.5f, 3, -7}, 4, 1);
            Operand<TFloat32> zeros = constant(graph, new float[4], 4, 1);
            var loss = tf.reduceSum(objective.losses(tf, x, zeros), tf.constant(0));
            assertThat(graph.value(tf.gradients(loss, List.of(x)).dy(0))).containsExactly(0.25f, -0.5f, 1, -1);
        }
    }

    @Test
    void targetsAreTheFeaturesOfThePredictedPatchesAndHaveNoGradient() {
        int positions = 4;
        int images = 3;
        float[] features = noise(positions * images * 2, 4);
        long[] predicted = {3, 0, 4, 6, 11, 9};
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var targets = objective.targets(
                    tf,
                    tf.constant(Shape.of(positions, images, 2), DataBuffers.of(features)),
                    tf.constant(predicted),
                    Workers.ALONE);
            float[] rows = graph.value(targets.rows());
            for (int i = 0; i < predicted.length; i++) {
                int image = (int) predicted[i] / positions;
                int position = (int) predicted[i] % positions;
                assertThat(rows[2 * i]).isEqualTo(features[(position * images + image) * 2]);
                assertThat(rows[2 * i + 1]).isEqualTo(features[(position * images + image) * 2 + 1]);
            }
            assertThat(targets.loss()).isNull();
            assertThat(targets.countChunks()).isEmpty();
        }
    }

    @Test
    void pixelsHaveMeanZeroAndUnbiasedVarianceOneInEachPatch() {
        int side = 4;
        float[] image = noise(2 * 8 * 12 * 3, 5);
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var pixels = new PixelFeatures<>(side, TFloat32.class)
                    .apply(tf, tf.constant(Shape.of(2, 8, 12, 3), DataBuffers.of(image)))
                    .values();
            assertThat(pixels.shape()).isEqualTo(Shape.of(6, 2, 48));
            double[] actual = PlainMath.widened(graph.value(pixels));
            for (int position = 0; position < 6; position++) {
                for (int i = 0; i < 2; i++) {
                    double[] patch = new double[48];
                    double mean = 0;
                    for (int c = 0; c < 48; c++) {
                        int y = position / 3 * side + c / side % side;
                        int x = position % 3 * side + c % side;
                        patch[c] = image[((i * 8 + y) * 12 + x) * 3 + c / (side * side)];
                        mean += patch[c] / 48;
                    }
                    double variance = 0;
                    for (double value : patch) {
                        variance += (value - mean) * (value - mean) / 47;
                    }
                    for (int c = 0; c < 48; c++) {
                        double expected = (patch[c] - mean) / Math.sqrt(variance + 1e-6);
                        assertThat(actual[(position * 2 + i) * 48 + c]).isCloseTo(expected, within(1e-5));
                    }
                }
            }
        }
    }

    private static Operand<TFloat32> constant(TestGraph graph, float[] values, long rows, long width) {
        return graph.tf().constant(Shape.of(rows, width), DataBuffers.of(values));
    }

    private static float[] noise(int count, long seed) {
        var random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
