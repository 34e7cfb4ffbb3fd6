package org.capi.graph.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.capi.graph.Parameters;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** The calls that a graph hands to XLA; only a GPU can compile them. */
class FusedAttentionTest {

    private static final Shape QUERIES = Shape.of(2, 3, 5, 16);
    private static final Shape KEYS = Shape.of(2, 3, 7, 16);

    @Test
    void theCallHasQueriesKeysAndValuesAndTheScoresShape() {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var q = input(tf, QUERIES);
            var k = input(tf, KEYS);
            var v = input(tf, KEYS);
            var out = FusedAttention.apply(tf, q, k, v, 0.25f);
            var call = (GraphOperation) out.asOutput().op();
            assertThat(out.shape()).isEqualTo(QUERIES);
            assertThat(call.inputs())
                    .extracting(x -> x.asOutput().op().name())
                    .containsExactly(name(q), name(k), name(v));
            assertThat(call.attributes().getAttrString("call_target_name")).isEqualTo("__cudnn$fmhaSoftmax");
            assertThat(call.attributes().getAttrBool("has_side_effect")).isFalse();
            assertThat(call.attributes().getAttrShapeList("result_shapes"))
                    .containsExactly(QUERIES, Shape.of(2, 3, 5), Shape.of(0));
            String config = call.attributes().getAttrString("backend_config");
            assertThat(config).contains("\"fmha_scale\":0.25").contains("\"mask_type\":\"NO_MASK\"");
            assertThat(numbers(config, "\"element_type\":\"BF16\",\"dimensions\":\\[([^]]*)]"))
                    .containsExactly("2", "3", "5", "7");
            assertThat(contracted(config, "bmm1_dot_dimension_numbers")).isEqualTo("3 3");
            assertThat(contracted(config, "bmm2_dot_dimension_numbers")).isEqualTo("3 2");
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
            var gradients = tf.gradients(tf.math.mean(out, tf.constant(new int[] {0, 1, 2, 3})), List.of(q, k, v));
            GraphOperation backward = null;
            for (int i = 0; i < 3; i++) {
                var output = gradients.dy(i).asOutput();
                var op = (GraphOperation) output.op();
                assertThat(op.attributes().getAttrString("call_target_name")).isEqualTo("__cudnn$fmhaSoftmaxBackward");
                assertThat(output.index()).isEqualTo(i);
                assertThat(backward == null || backward.equals(op))
                        .as("one call")
                        .isTrue();
                backward = op;
            }
            assertThat(backward).isNotNull();
            var call = out.asOutput().op().name();
            List<String> sources = new ArrayList<>();
            for (Operand<?> x : backward.inputs()) {
                sources.add(x.asOutput().op().name() + ":" + x.asOutput().index());
            }
            assertThat(sources)
                    .hasSize(6)
                    .startsWith(name(q) + ":0", name(k) + ":0", name(v) + ":0", call + ":1")
                    .endsWith(call + ":0");
            assertThat(backward.attributes().getAttrShapeList("result_shapes"))
                    .containsExactly(QUERIES, KEYS, KEYS, Shape.of(0));
            String config = backward.attributes().getAttrString("backend_config");
            assertThat(contracted(config, "bmm1_grad_gemm1_dot_dimension_numbers"))
                    .isEqualTo("2 2");
            assertThat(contracted(config, "bmm1_grad_gemm2_dot_dimension_numbers"))
                    .isEqualTo("3 2");
            assertThat(contracted(config, "bmm2_grad_gemm1_dot_dimension_numbers"))
                    .isEqualTo("2 2");
            assertThat(contracted(config, "bmm2_grad_gemm2_dot_dimension_numbers"))
                    .isEqualTo("3 3");
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

    private static <T extends TFloating> long calls(Class<T> type, long queries, long batch, boolean fused) {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var params = Parameters.create(tf, type, 0).withFusedAttention(fused);
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

    private static String name(Operand<?> x) {
        return x.asOutput().op().name();
    }

    private static String contracted(String config, String product) {
        var found = Pattern.compile(
                        "\"" + product
                                + "\":\\{\"lhs_contracting_dimensions\":\\[\"(\\d)\"],\"rhs_contracting_dimensions\":\\[\"(\\d)\"]")
                .matcher(config);
        assertThat(found.find()).as(product).isTrue();
        return found.group(1) + " " + found.group(2);
    }

    private static String[] numbers(String config, String pattern) {
        var found = Pattern.compile(pattern).matcher(config);
        assertThat(found.find()).isTrue();
        return found.group(1).replace("\"", "").split(",");
    }
}
