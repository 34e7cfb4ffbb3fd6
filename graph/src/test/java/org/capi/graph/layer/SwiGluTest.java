package org.capi.graph.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.capi.graph.TestGraph;
import org.capi.graph.layer.FeedForward.SwiGlu;
import org.junit.jupiter.api.Test;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

class SwiGluTest {

    @Test
    void theGateAloneGoesThroughSilu() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var layer = new SwiGlu<>(affine(tf, 2, 1), affine(tf, 3, -4), affine(tf, 10, 0.5f));
            for (float x : new float[] {-2, 0, 1.5f}) {
                double gate = 2 * x + 1;
                double expected = 10 * (gate / (1 + Math.exp(-gate)) * (3 * x - 4)) + 0.5;
                float actual = graph.scalar(layer.apply(tf, tf.constant(new float[][] {{x}})));
                assertThat(actual).isCloseTo((float) expected, within(1e-4f));
            }
        }
    }

    private static Linear<TFloat32> affine(Ops tf, float weight, float bias) {
        return new Linear<>(tf.constant(new float[][] {{weight}}), tf.constant(new float[] {bias}));
    }
}
