package org.capi.graph.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.TestGraph;
import org.capi.graph.Workers;
import org.capi.graph.clustering.PredictionHead.MlpHead;
import org.capi.graph.clustering.TeacherHead.EmaHead;
import org.capi.graph.vit.PlainMath;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

class MlpHeadTest {

    private static final int DIM = 8;
    private static final int PROTOTYPES = 5;
    private static final int POSITIONS = 3;
    private static final int IMAGES = 4;

    @Test
    void logitsAreThoseOfPlainLoops() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var params = Parameters.create(tf, TFloat32.class, 4);
            var head = MlpHead.create(params, DIM, PROTOTYPES);
            graph.initialize(params.list());
            assertThat(params.list().stream().map(p -> p.name() + " " + p.shape()))
                    .containsExactly(
                            "fc1.weight [16, 8]",
                            "fc2.weight [16, 16]",
                            "fc3.weight [2, 16]",
                            "last_layer.weight_g [5, 1]",
                            "last_layer.weight_v [5, 2]");
            float[] x = noise();
            float[] actual = graph.value(head.apply(tf, tf.constant(Shape.of(12, DIM), DataBuffers.of(x))));
            var weights = weights(graph, params);
            for (int row = 0; row < 12; row++) {
                double[] expected = logits(weights, x, row);
                for (int p = 0; p < PROTOTYPES; p++) {
                    assertThat((double) actual[row * PROTOTYPES + p]).isCloseTo(expected[p], within(1e-5));
                }
            }
        }
    }

    @Test
    void aTeachersCopyAssignsEachPositionOnItsOwnAndIsNotTrained() {
        var config = new ClusteringConfig(PROTOTYPES, 0.12, 0.06, 0.12, 3, SinkhornKnopp.Grouping.POSITIONWISE, true);
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var params = Parameters.create(tf, TFloat32.class, 4);
            var head = new EmaHead<>(MlpHead.create(params, DIM, PROTOTYPES), config);
            graph.initialize(params.list());
            float[] x = noise();
            var clusters =
                    head.apply(tf, tf.constant(Shape.of(POSITIONS, IMAGES, DIM), DataBuffers.of(x)), Workers.ALONE);
            assertThat(clusters.loss()).isNull();
            float[] actual = graph.value(clusters.assignments());
            var weights = weights(graph, params);
            for (int position = 0; position < POSITIONS; position++) {
                double[][] logits = new double[IMAGES][];
                for (int image = 0; image < IMAGES; image++) {
                    logits[image] = logits(weights, x, position * IMAGES + image);
                }
                double[][] expected = sinkhorn(logits, 0.06, 3);
                for (int i = 0; i < IMAGES * PROTOTYPES; i++) {
                    assertThat((double) actual[position * IMAGES * PROTOTYPES + i])
                            .isCloseTo(expected[i / PROTOTYPES][i % PROTOTYPES], within(1e-5));
                }
            }
        }
    }

    private static double[] logits(Map<String, double[]> weights, float[] x, int row) {
        double[] y = new double[DIM];
        for (int i = 0; i < DIM; i++) {
            y[i] = x[row * DIM + i];
        }
        for (String layer : List.of("fc1", "fc2", "fc3")) {
            double[] weight = weights.getOrDefault(layer + ".weight", new double[0]);
            y = PlainMath.product(y, weight, weight.length / y.length);
            for (int i = 0; i < y.length && !layer.equals("fc3"); i++) {
                y[i] = y[i] * (1 + PlainMath.erf(y[i] / Math.sqrt(2))) / 2;
            }
        }
        double[] gains = weights.getOrDefault("last_layer.weight_g", new double[0]);
        double[] directions = weights.getOrDefault("last_layer.weight_v", new double[0]);
        double[] logits = new double[PROTOTYPES];
        for (int p = 0; p < PROTOTYPES; p++) {
            double dot = 0;
            double length = 0;
            double norm = 0;
            for (int i = 0; i < y.length; i++) {
                double v = directions[p * y.length + i];
                dot += v * y[i];
                length += v * v;
                norm += y[i] * y[i];
            }
            logits[p] = dot * gains[p] / (Math.sqrt(length) + 1e-8) / Math.sqrt(norm);
        }
        return logits;
    }

    private static double[][] sinkhorn(double[][] logits, double temperature, int iterations) {
        double[][] m = new double[logits.length][PROTOTYPES];
        for (int p = 0; p < PROTOTYPES; p++) {
            double most = Double.NEGATIVE_INFINITY;
            for (double[] row : logits) {
                most = Math.max(most, row[p] / temperature);
            }
            for (int s = 0; s < m.length; s++) {
                m[s][p] = Math.exp(logits[s][p] / temperature + 50 - most);
            }
        }
        for (int i = 0; i < iterations; i++) {
            for (int p = 0; p < PROTOTYPES; p++) {
                double sum = 1e-8;
                for (double[] row : m) {
                    sum += row[p];
                }
                for (double[] row : m) {
                    row[p] /= sum;
                }
            }
            for (double[] row : m) {
                double sum = 1e-8;
                for (double value : row) {
                    sum += value;
                }
                for (int p = 0; p < PROTOTYPES; p++) {
                    row[p] /= sum;
                }
            }
        }
        return m;
    }

    private static float[] noise() {
        var random = new Random(6);
        float[] x = new float[POSITIONS * IMAGES * DIM];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    private static Map<String, double[]> weights(TestGraph graph, Parameters<TFloat32> params) {
        Map<String, double[]> weights = new HashMap<>();
        for (Parameter parameter : params.list()) {
            weights.put(parameter.name(), PlainMath.widened(graph.value(parameter.value())));
        }
        return weights;
    }
}
