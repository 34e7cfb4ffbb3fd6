package org.capi.graph.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.capi.graph.TestGraph;
import org.capi.graph.layer.Attention.Projections;
import org.junit.jupiter.api.Test;

class ProjectionsTest {

    @Test
    void oneMapHoldsQueriesKeysAndValuesInThisOrder() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var weight = tf.constant(new float[][] {{1, 0}, {0, 1}, {2, 0}, {0, 2}, {3, 0}, {0, 3}});
            var bias = tf.constant(new float[] {0, 0, 10, 10, 20, 30});
            var x = tf.constant(new float[][][] {{{5, 7}}});
            var parts = new Projections.Fused<>(weight, bias).apply(tf, x, x, 1);
            assertThat(graph.value(parts.get(0))).containsExactly(5, 7);
            assertThat(graph.value(parts.get(1))).containsExactly(20, 24);
            assertThat(graph.value(parts.get(2))).containsExactly(35, 51);
        }
    }

    @Test
    void oneMapRefusesAnotherContext() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var fused = new Projections.Fused<>(tf.constant(new float[3][1]), tf.constant(new float[3]));
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> fused.apply(tf, tf.constant(new float[1][1][1]), tf.constant(new float[1][2][1]), 1));
        }
    }
}
