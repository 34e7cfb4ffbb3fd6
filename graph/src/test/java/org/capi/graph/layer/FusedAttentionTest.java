package org.capi.graph.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.capi.graph.Parameters;
import org.capi.graph.Parameters.LayerPlan;
import org.capi.graph.TestGraph;
import org.capi.graph.layer.Attention.Projections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** The calls that a graph hands to XLA; only a GPU can compile them. */
class FusedAttentionTest {

    private static final Shape QUERIES = Shape.of(2, 5, 3, 16);
    private static final Shape KEYS = Shape.of(2, 7, 3, 16);
    private static final Shape OUTPUT = Shape.of(2, 3, 5, 16);

    @Test
    void theCallHasQueriesKeysAndValuesAndTheScoresShape() {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var q = input(tf, QUERIES);
            var k = input(tf, KEYS);
            var v = input(tf, KEYS);
            var out = FusedAttention.apply(tf, q, k, v, 0.25f);
            var call = call(out);
            assertThat(out.shape()).isEqualTo(Shape.of(2, 5, 3 * 16));
            assertThat(call.inputs())
                    .extracting(x -> x.asOutput().op().name())
                    .containsExactly(name(q), name(k), name(v));
            assertThat(call.attributes().getAttrString("call_target_name")).isEqualTo("__cudnn$fmhaSoftmax");
            assertThat(call.attributes().getAttrBool("has_side_effect")).isFalse();
            assertThat(call.attributes().getAttrShapeList("result_shapes"))
                    .containsExactly(OUTPUT, Shape.of(2, 3, 5), Shape.of(0));
            String config = call.attributes().getAttrString("backend_config");
            assertThat(config).contains("\"fmha_scale\":0.25").contains("\"mask_type\":\"NO_MASK\"");
            assertThat(numbers(config, "\"element_type\":\"BF16\",\"dimensions\":\\[([^]]*)]"))
                    .containsExactly("2", "3", "5", "7");
            assertThat(contracted(config, "bmm1_dot_dimension_numbers")).isEqualTo("3 of 0,2 and 3 of 0,2");
            assertThat(contracted(config, "bmm2_dot_dimension_numbers")).isEqualTo("3 of 0,1 and 1 of 0,2");
        }
    }

    @Test
    void theGradientIsOneCallOfTheSixTensorsThatItNeeds() {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var q = input(tf, QUERIES);
            var k = input(tf, KEYS);
            var v = input(tf, KEYS);
            var out = FusedAttention.apply(tf, q, k, v, 0.25f);
            var gradients = tf.gradients(tf.math.mean(out, tf.constant(new int[] {0, 1, 2})), List.of(q, k, v));
            GraphOperation backward = null;
            for (int i = 0; i < 3; i++) {
                var turned = (GraphOperation) gradients.dy(i).asOutput().op();
                assertThat(turned.type()).isEqualTo("Transpose");
                assertThat(turned.output(0).shape()).isEqualTo(i == 0 ? QUERIES : KEYS);
                var output = turned.input(0);
                var op = (GraphOperation) output.op();
                assertThat(op.attributes().getAttrString("call_target_name")).isEqualTo("__cudnn$fmhaSoftmaxBackward");
                assertThat(output.index()).isEqualTo(i);
                assertThat(backward == null || backward.equals(op))
                        .as("one call")
                        .isTrue();
                backward = op;
            }
            assertThat(backward).isNotNull();
            var statistics = call(out).name() + ":1";
            List<String> sources = new ArrayList<>();
            for (Operand<?> x : backward.inputs()) {
                sources.add(x.asOutput().op().name() + ":" + x.asOutput().index());
            }
            assertThat(sources).hasSize(6).startsWith(name(q) + ":0", name(k) + ":0", name(v) + ":0", statistics);
            // The gradient of the output and the output, both with tokens first.
            for (int i = 4; i < 6; i++) {
                assertThat(backward.input(i).shape()).isEqualTo(QUERIES);
            }
            var output = (GraphOperation) source(backward, 5).op();
            assertThat(output.type()).isEqualTo("IdentityN");
            assertThat(source(backward, 5).index()).isEqualTo(1);
            assertThat(output.input(1)).isEqualTo(out.asOutput());
            assertThat(source(backward, 4)).isEqualTo(output.output(0));
            assertThat(backward.attributes().getAttrShapeList("result_shapes"))
                    .containsExactly(OUTPUT, Shape.of(2, 3, 7, 16), Shape.of(2, 3, 7, 16), Shape.of(0));
            String config = backward.attributes().getAttrString("backend_config");
            assertThat(contracted(config, "bmm1_grad_gemm1_dot_dimension_numbers"))
                    .isEqualTo("2 of 0,1 and 1 of 0,2");
            assertThat(contracted(config, "bmm1_grad_gemm2_dot_dimension_numbers"))
                    .isEqualTo("3 of 0,1 and 1 of 0,2");
            assertThat(contracted(config, "bmm2_grad_gemm1_dot_dimension_numbers"))
                    .isEqualTo("2 of 0,1 and 1 of 0,2");
            assertThat(contracted(config, "bmm2_grad_gemm2_dot_dimension_numbers"))
                    .isEqualTo("3 of 0,2 and 3 of 0,2");
        }
    }

    @Test
    void attentionUsesItForBfloat16OfKnownSizesOnly() {
        assertThat(calls(TBfloat16.class, 2, 2, true)).isEqualTo(1);
        assertThat(calls(TBfloat16.class, 2, 2, false)).isZero();
        assertThat(calls(TFloat32.class, 2, 2, true)).isZero();
        assertThat(calls(TBfloat16.class, 1, 2, true))
                .as("one query for all images")
                .isZero();
        assertThat(calls(TBfloat16.class, Shape.UNKNOWN_SIZE, Shape.UNKNOWN_SIZE, true))
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({"8, 8, 64", "106, 106, 64", "8, 106, 64", "272, 272, 32", "272, 272, 128", "1024, 1024, 64"})
    void onAGpuItAgreesWithPlainAttention(int queries, int keys, int headDim) {
        var settings = ConfigProto.newBuilder().setAllowSoftPlacement(true);
        settings.getGpuOptionsBuilder().setAllowGrowth(true);
        try (TestGraph graph = new TestGraph(settings.build())) {
            var difference = FusedAttention.difference(graph.graph(), queries, keys, headDim);
            assertThat(graph.scalar(difference)).isLessThan(0.03f);
        } catch (TensorFlowException | IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("__cudnn$fmhaSoftmax for Host"); // XLA compiled it for the CPU
            assumeFalse(true, "no GPU that TensorFlow can use: " + e);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void projectionsWithTokensFirstAreTheSame(int tokens) {
        try (TestGraph graph = new TestGraph()) {
            Ops tf = graph.tf();
            var params = Parameters.create(tf, TFloat32.class, 0);
            List<Projections<TFloat32>> all = List.of(
                    Projections.Separate.create(params.in("separate"), 32, 32),
                    Projections.Fused.create(params.in("fused"), 32));
            graph.initialize(params.list());
            var x = waves(tf, 2, tokens, 32);
            var context = waves(tf, 2, tokens + 2, 32);
            assertSame(graph, all.get(0).apply(tf, x, x, 2), all.get(0).tokensFirst(tf, x, x, 2));
            assertSame(graph, all.get(0).apply(tf, x, context, 2), all.get(0).tokensFirst(tf, x, context, 2));
            assertSame(graph, all.get(1).apply(tf, x, x, 2), all.get(1).tokensFirst(tf, x, x, 2));
        }
    }

    private static void assertSame(
            TestGraph graph, List<Operand<TFloat32>> headsFirst, List<Operand<TFloat32>> tokensFirst) {
        assertThat(tokensFirst).hasSize(3);
        for (int i = 0; i < 3; i++) {
            var turned =
                    graph.tf().linalg.transpose(tokensFirst.get(i), graph.tf().constant(new int[] {0, 2, 1, 3}));
            assertThat(turned.shape()).isEqualTo(headsFirst.get(i).shape());
            assertThat(graph.value(turned)).containsExactly(graph.value(headsFirst.get(i)), within(1e-5f));
        }
    }

    private static Operand<TFloat32> waves(Ops tf, long... shape) {
        var index =
                tf.range(tf.constant(0f), tf.constant((float) Shape.of(shape).size()), tf.constant(1f));
        return tf.reshape(tf.math.sin(index), tf.constant(shape));
    }

    private static <T extends TFloating> long calls(Class<T> type, long queries, long batch, boolean fused) {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var params = Parameters.create(tf, type, 0).with(new LayerPlan(true, fused, true, false));
            var attention = Attention.create(params, 32, 32, 2, (p, dim) -> new Rotation.NoRotation());
            var x = tf.placeholder(type, Placeholder.shape(Shape.of(queries, 5, 32)));
            var context = tf.placeholder(type, Placeholder.shape(Shape.of(batch, 7, 32)));
            var at = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(queries, 5, 2)));
            var contextAt = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(batch, 7, 2)));
            attention.apply(tf, x, at, context, contextAt);
            return graph.toGraphDef().getNodeList().stream()
                    .filter(node -> node.getOp().equals("XlaCustomCallV2"))
                    .count();
        }
    }

    private static Operand<TBfloat16> input(Ops tf, Shape shape) {
        return tf.placeholder(TBfloat16.class, Placeholder.shape(shape));
    }

    /** The call whose output is made to have tokens first, merged and kept together by a barrier. */
    private static GraphOperation call(Operand<?> out) {
        var barrier = (GraphOperation) out.asOutput().op();
        assertThat(barrier.type()).isEqualTo("XlaOptimizationBarrier");
        return (GraphOperation)
                source((GraphOperation) barrier.input(0).op(), 0).op();
    }

    /** What is reshaped or transposed to an input of an op. */
    private static Output<?> source(GraphOperation op, int input) {
        return ((GraphOperation) op.input(input).op()).input(0);
    }

    private static String name(Operand<?> x) {
        return x.asOutput().op().name();
    }

    private static String contracted(String config, String product) {
        String side = "_contracting_dimensions\":\\[\"(\\d)\"]";
        String batch = "_batch_dimensions\":\\[\"(\\d)\",\"(\\d)\"]";
        var found = Pattern.compile(
                        "\"" + product + "\":\\{\"lhs" + side + ",\"rhs" + side + ",\"lhs" + batch + ",\"rhs" + batch)
                .matcher(config);
        assertThat(found.find()).as(product).isTrue();
        return found.group(1) + " of " + found.group(3) + "," + found.group(4) + " and " + found.group(2) + " of "
                + found.group(5) + "," + found.group(6);
    }

    private static String[] numbers(String config, String pattern) {
        var found = Pattern.compile(pattern).matcher(config);
        assertThat(found.find()).isTrue();
        return found.group(1).replace("\"", "").split(",");
    }
}
