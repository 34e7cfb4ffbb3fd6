package org.capi.graph.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.capi.graph.Tensors;
import org.capi.graph.TestGraph;
import org.capi.graph.layer.FeedForward.Mlp;
import org.capi.graph.layer.Norm.RmsNorm;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

class MlpTest {

    /** x and x·Φ(x), Φ from tables of the normal distribution. */
    private static final float[][] GELU = {
        {-3, -0.0040495f}, {-1, -0.1586553f}, {0, 0}, {0.5f, 0.3457312f}, {2, 1.9544997f}
    };

    @Test
    void geluIsExact() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            Operand<TFloat32> one = tf.constant(new float[][] {{1}});
            var mlp = new Mlp<>(new Linear<>(one, null), new Linear<>(one, null));
            for (float[] pair : GELU) {
                float actual = graph.scalar(mlp.apply(tf, tf.constant(new float[][] {{pair[0]}})));
                assertThat(actual).isCloseTo(pair[1], within(1e-6f));
            }
        }
    }

    @Test
    void bfloat16GoesInAndComesOut() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            Operand<TBfloat16> one = tf.dtypes.cast(tf.constant(new float[][] {{1}}), TBfloat16.class);
            var mlp = new Mlp<>(new Linear<>(one, null), new Linear<>(one, null));
            Operand<TBfloat16> y = mlp.apply(tf, one);
            assertThat(y.type()).isEqualTo(TBfloat16.class);
            assertThat(graph.scalar(y)).isCloseTo(0.84134f, within(4e-3f));
        }
    }

    @Test
    void halfOfTheWeightsIsHalfOfTheGelu() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            Operand<TBfloat16> up = tf.dtypes.cast(tf.constant(new float[][] {{0.7f}, {-1.3f}}), TBfloat16.class);
            Operand<TBfloat16> down = tf.dtypes.cast(tf.constant(new float[][] {{0.3f, 0.9f}}), TBfloat16.class);
            Operand<TBfloat16> bias = tf.dtypes.cast(tf.constant(new float[] {5}), TBfloat16.class);
            Operand<TBfloat16> x =
                    tf.dtypes.cast(tf.constant(new float[][] {{-2.1f}, {0.01f}, {3.3f}}), TBfloat16.class);
            var first = new Linear<>(up, null);
            var second = new Linear<>(down, bias);
            float[] whole = graph.value(second.apply(tf, Mlp.gelu(tf, first.apply(tf, x))));
            assertThat(graph.value(new Mlp<>(first, second).apply(tf, x))).containsExactly(whole);
        }
    }

    @Test
    void aNormOfTheHiddenLayerIsTheSameAsOneOfTheTokens() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            Operand<TFloat32> up = tf.constant(new float[][] {{0.7f, -2}, {-1.3f, 0.25f}, {4, 1}});
            Operand<TFloat32> down = tf.constant(new float[][] {{0.3f, 0.9f, -0.2f}, {-1, 0.5f, 0.1f}});
            Operand<TFloat32> x = tf.constant(new float[][][] {{{-2.1f, 3}, {0.01f, -7}, {1e-3f, 2e-3f}}});
            var first = new Linear<>(up, null);
            var second = new Linear<>(down, null);
            var norm = new RmsNorm(tf.constant(new float[] {1.5f, -0.25f}), 1e-5f, true);
            float[] ofTokens = graph.value(new Mlp<>(first, second).ofNormed(tf, norm, x));
            var ofHidden = new Mlp<>(first, second, true, false).ofNormed(tf, norm, x);
            assertThat(ofHidden.shape()).isEqualTo(x.shape());
            assertThat(graph.value(ofHidden)).containsExactly(ofTokens, within(1e-5f));
        }
    }

    @Test
    void theGradientIsTheSameWhereTheGeluIsComputedAgain() {
        assertRecomputed(TFloat32.class, 1e-5f);
        assertRecomputed(TBfloat16.class, 0.02f);
    }

    private static <T extends TFloating> void assertRecomputed(Class<T> type, float tolerance) {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            Operand<T> up = Tensors.cast(tf, tf.constant(new float[][] {{0.7f, -2}, {-1.3f, 0.25f}, {0.4f, 1}}), type);
            Operand<T> down =
                    Tensors.cast(tf, tf.constant(new float[][] {{0.3f, 0.9f, -0.2f}, {-1, 0.5f, 0.1f}}), type);
            Operand<T> x = Tensors.cast(tf, tf.constant(new float[][] {{-2.1f, 3}, {0.01f, -7}, {0.5f, 1}}), type);
            Operand<T> upstream = Tensors.cast(tf, tf.constant(new float[][] {{1, 2}, {0.5f, -1}, {-3, 0.25f}}), type);
            List<Operand<T>> inputs = List.of(up, down, x);
            var kept = new Mlp<>(new Linear<>(up, null), new Linear<>(down, null)).apply(tf, x);
            var expected = tf.gradients(List.of(kept), inputs, Gradients.dx(List.of(upstream)));
            assertThat(gelus(graph)).isEqualTo(1);
            var again = new Mlp<>(new Linear<>(up, null), new Linear<>(down, null), false, true).apply(tf, x);
            var actual = tf.gradients(List.of(again), inputs, Gradients.dx(List.of(upstream)));
            assertThat(gelus(graph)).as("one more, and one for the gradient").isEqualTo(3);
            assertThat(graph.value(again)).containsExactly(graph.value(kept), within(tolerance));
            for (int i = 0; i < inputs.size(); i++) {
                assertThat(graph.value(actual.<T>dy(i)))
                        .containsExactly(graph.value(expected.<T>dy(i)), within(tolerance));
            }
        }
    }

    private static long gelus(TestGraph graph) {
        return graph.graph().toGraphDef().getNodeList().stream()
                .filter(node -> node.getOp().equals("Erf"))
                .count();
    }

    @Test
    void rowsWithoutPaddingHaveTheSameProduct() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            Operand<TBfloat16> weight =
                    tf.dtypes.cast(tf.constant(new float[][] {{0.7f, -2}, {-1.3f, 9}}), TBfloat16.class);
            Operand<TBfloat16> x =
                    tf.dtypes.cast(tf.constant(new float[][][] {{{-2.1f, 1}, {0.01f, 5}, {3.3f, 7}}}), TBfloat16.class);
            Operand<TBfloat16> bias = tf.dtypes.cast(tf.constant(new float[] {5, -0.5f}), TBfloat16.class);
            for (var linear : List.of(new Linear<>(weight, null), new Linear<>(weight, bias))) {
                var unpadded = linear.applyUnpadded(tf, x);
                assertThat(unpadded.shape()).isEqualTo(x.shape());
                assertThat(graph.value(unpadded)).containsExactly(graph.value(linear.apply(tf, x)));
            }
        }
    }

    @Test
    void aBiasIsTheSameAsAWeightOfAnInputThatIsOne() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            Operand<TFloat32> weight = tf.constant(new float[][] {{0.7f, -2}, {-1.3f, 0.25f}, {4, 1}});
            Operand<TFloat32> bias = tf.constant(new float[] {5, -0.5f, 0.125f});
            Operand<TFloat32> x = tf.constant(new float[][] {{-2.1f, 3}, {0.01f, -7}});
            var upstream = tf.constant(new float[][] {{1, 2, -3}, {0.5f, -1, 4}});
            var linear = new Linear<>(weight, bias);
            var apart = linear.ofRows(tf, x);
            var together = linear.withBiasInProduct(tf, x);
            assertThat(graph.value(together)).containsExactly(graph.value(apart), within(1e-6f));
            for (Operand<TFloat32> input : List.of(weight, bias, x)) {
                assertThat(graph.value(graph.gradients(together, upstream, List.of(input))
                                .get(0)))
                        .containsExactly(
                                graph.value(graph.gradients(apart, upstream, List.of(input))
                                        .get(0)),
                                within(1e-6f));
            }
            assertThat(graph.value(new Linear<>(weight, null).withBiasInProduct(tf, x)))
                    .containsExactly(graph.value(new Linear<>(weight, null).ofRows(tf, x)));
        }
    }
}
