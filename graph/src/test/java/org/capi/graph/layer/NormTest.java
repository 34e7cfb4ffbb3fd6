package org.capi.graph.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Tensors;
import org.capi.graph.TestGraph;
import org.capi.graph.layer.Norm.LayerNorm;
import org.capi.graph.layer.Norm.RmsNorm;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

class NormTest {

    private static final float[][] ROWS = {{1, 2, 4, 9}, {-3, -3, -3, -3}};
    private static final float[] WEIGHT = {1, 2, 0.5f, -1};
    private static final float[] BIAS = {0, 1, 2, 3};
    private static final float EPSILON = 1e-2f;

    @Test
    void everyRowIsBroughtToItsMeanAndVariance() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var norm = new LayerNorm(tf.constant(WEIGHT), tf.constant(BIAS), EPSILON);
            float[] actual = graph.value(norm.apply(tf, tf.constant(ROWS)));
            for (int row = 0; row < ROWS.length; row++) {
                for (int i = 0; i < WEIGHT.length; i++) {
                    assertThat(actual[row * WEIGHT.length + i]).isCloseTo(expected(ROWS[row], i), within(1e-5f));
                }
            }
        }
    }

    @Test
    void theLengthOfManyArraysIsThatOfOneVector() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            List<Operand<TFloat32>> arrays = new ArrayList<>();
            double squares = 0;
            for (int i = 0; i < 50; i++) {
                arrays.add(i % 2 == 0 ? tf.constant(new float[][] {{i, 1}, {2, -i}}) : tf.constant(new float[] {i}));
                squares += i % 2 == 0 ? 2 * i * i + 5 : i * i;
            }
            for (boolean compiled : new boolean[] {false, true}) {
                assertThat((double) graph.scalar(Tensors.cast(tf, Tensors.norm(tf, arrays, compiled), TFloat32.class)))
                        .isCloseTo(Math.sqrt(squares), within(1e-4));
            }
        }
    }

    @Test
    void aNormForXlaIsTheSame() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var weight = tf.constant(WEIGHT);
            var rows = tf.constant(new float[][] {ROWS[0], new float[WEIGHT.length], ROWS[ROWS.length - 1]});
            for (float scale : new float[] {1e-3f, 1, 100}) {
                var x = tf.math.mul(rows, tf.constant(scale));
                float[] plain = graph.value(new RmsNorm(weight, 1e-5f, false).apply(tf, x));
                float[] compiled = graph.value(new RmsNorm(weight, 1e-5f, true).apply(tf, x));
                assertThat(compiled).containsExactly(plain, within(2e-6f));
            }
        }
    }

    private static float expected(float[] row, int i) {
        double mean = 0;
        double square = 0;
        for (float x : row) {
            mean += x / row.length;
            square += (double) x * x / row.length;
        }
        return (float) ((row[i] - mean) / Math.sqrt(square - mean * mean + EPSILON) * WEIGHT[i] + BIAS[i]);
    }
}
