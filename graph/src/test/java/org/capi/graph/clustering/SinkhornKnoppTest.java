package org.capi.graph.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.capi.graph.TestGraph;
import org.capi.graph.Workers;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;

class SinkhornKnoppTest {

    private static final int TOKENS = 40;
    private static final int PROTOTYPES = 8;

    @Test
    void everyPrototypeGetsAnEqualShareOfTheTokens() {
        float[] assignments = assign(50);
        for (int p = 0; p < PROTOTYPES; p++) {
            float share = 0;
            for (int token = 0; token < TOKENS; token++) {
                share += assignments[token * PROTOTYPES + p];
            }
            assertThat(share).isCloseTo((float) TOKENS / PROTOTYPES, within(1e-3f));
        }
    }

    @Test
    void everyTokenIsAssignedWhole() {
        float[] assignments = assign(3);
        for (int token = 0; token < TOKENS; token++) {
            float sum = 0;
            for (int p = 0; p < PROTOTYPES; p++) {
                sum += assignments[token * PROTOTYPES + p];
            }
            assertThat(sum).isCloseTo(1, within(1e-5f));
        }
    }

    @Test
    void manyIterationsStayFinite() {
        for (float assignment : assign(300)) {
            assertThat(assignment).isBetween(0f, 1f);
        }
    }

    @Test
    void negativeIterationsAreRefused() {
        assertThatThrownBy(() -> new SinkhornKnopp(-1, 0.06))
                .hasMessage("sinkhorn_iterations must be at least 0, was -1");
    }

    @Test
    void aTemperatureOfZeroIsRefused() {
        assertThatThrownBy(() -> new SinkhornKnopp(3, 0))
                .hasMessage("the temperature of Sinkhorn-Knopp must be above 0, was 0.0");
    }

    @Test
    void logitsWithoutASampleAxisAreRefused() {
        try (TestGraph graph = new TestGraph()) {
            var logits = graph.tf().constant(new float[] {1, 2});
            assertThatThrownBy(() -> new SinkhornKnopp(3, 0.06).apply(graph.tf(), logits, Workers.ALONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("axes samples and prototypes");
        }
    }

    private static float[] assign(int iterations) {
        var random = new Random(5);
        float[] scores = new float[TOKENS * PROTOTYPES];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) random.nextGaussian();
        }
        try (TestGraph graph = new TestGraph()) {
            var x = graph.tf().constant(Shape.of(TOKENS, PROTOTYPES), DataBuffers.of(scores));
            return graph.value(new SinkhornKnopp(iterations, 1).apply(graph.tf(), x, Workers.ALONE));
        }
    }
}
