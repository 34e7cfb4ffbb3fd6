package org.capi.graph.layer;

import java.util.List;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.family.TFloating;

/**
 * Attention by the fused kernels of NVIDIA's cuDNN, which never write the scores: custom calls of XLA for a GPU, in a
 * function that XLA compiles. What a call says is that of JAX 0.4.34, of the weeks of TensorFlow 2.18's XLA.
 */
final class FusedAttention {

    private static final String OP = "XlaCustomCallV2";
    private static final String FORWARD = "__cudnn$fmhaSoftmax";
    private static final String BACKWARD = "__cudnn$fmhaSoftmaxBackward";
    private static final Shape WORKSPACE = Shape.of(0); // XLA makes it as large as need be

    /** Attributes of the forward call that its gradient reads: TensorFlow ignores names that begin so. */
    private static final String QUERIES = "_queries";

    private static final String KEYS = "_keys";
    private static final String SCALE = "_scale";

    private static final int MAX_HEAD_DIM = 128;
    private static final int HEAD_DIM_STEP = 8;

    static {
        if (!TensorFlow.registerCustomGradient(OP, FusedAttention::gradient)) {
            throw new IllegalStateException("TensorFlow has a gradient of " + OP + " already");
        }
    }

    private FusedAttention() {}

    /** Whether the kernels take these: bfloat16, known sizes, one query for each image, heads that fit. */
    static boolean takes(Operand<? extends TFloating> queries, Operand<? extends TFloating> keys) {
        Shape q = queries.shape();
        Shape k = keys.shape();
        return queries.type().equals(TBfloat16.class)
                && !q.hasUnknownDimension()
                && !k.hasUnknownDimension()
                && q.get(0) == k.get(0)
                && q.get(3) <= MAX_HEAD_DIM
                && q.get(3) % HEAD_DIM_STEP == 0;
    }

    /**
     * {@code softmax(scale · q·kᵀ)·v}.
     *
     * @param q {@code [batch, heads, tokens, headDim]}
     * @param k {@code [batch, heads, others, headDim]}
     * @param v {@code [batch, heads, others, headDim]}
     * @return {@code [batch, heads, tokens, headDim]}
     */
    static <T extends TFloating> Operand<T> apply(Ops tf, Operand<T> q, Operand<T> k, Operand<T> v, float scale) {
        Shape queries = q.shape();
        Shape keys = k.shape();
        Shape statistics = Shape.of(queries.get(0), queries.get(1), queries.get(2));
        return tf.scope()
                .opBuilder(OP, OP)
                .addInputList(new Output<?>[] {q.asOutput(), k.asOutput(), v.asOutput()})
                .setAttr("call_target_name", FORWARD)
                .setAttr("backend_config", config(queries, keys, scale, false))
                .setAttr("has_side_effect", false)
                .setAttr("result_dtypes", new DataType[] {DataType.DT_BFLOAT16, DataType.DT_FLOAT, DataType.DT_UINT8})
                .setAttr("result_shapes", new Shape[] {queries, statistics, WORKSPACE})
                .setAttr(QUERIES, queries)
                .setAttr(KEYS, keys)
                .setAttr(SCALE, scale)
                .build()
                .output(0);
    }

    /** The graph is locked here: an operand's shape cannot be read. */
    private static List<Operand<?>> gradient(Ops tf, GraphOperation forward, List<Output<?>> upstream) {
        Shape queries = forward.attributes().getAttrShape(QUERIES);
        Shape keys = forward.attributes().getAttrShape(KEYS);
        float scale = forward.attributes().getAttrFloat(SCALE);
        Output<?>[] operands = {
            forward.input(0), forward.input(1), forward.input(2), forward.output(1), upstream.get(0), forward.output(0)
        };
        Operation backward = tf.scope()
                .opBuilder(OP, OP)
                .addInputList(operands)
                .setAttr("call_target_name", BACKWARD)
                .setAttr("backend_config", config(queries, keys, scale, true))
                .setAttr("has_side_effect", false)
                .setAttr("result_dtypes", new DataType[] {
                    DataType.DT_BFLOAT16, DataType.DT_BFLOAT16, DataType.DT_BFLOAT16, DataType.DT_UINT8
                })
                .setAttr("result_shapes", new Shape[] {queries, keys, keys, WORKSPACE})
                .build();
        return List.of(backward.output(0), backward.output(1), backward.output(2));
    }

    /** XLA's {@code GpuBackendConfig} as JSON: the scores' shape, and which axes each product contracts. */
    private static String config(Shape queries, Shape keys, float scale, boolean backward) {
        String products = backward
                ? "\"bmm1_grad_gemm1_dot_dimension_numbers\":" + product(2, 2)
                        + ",\"bmm1_grad_gemm2_dot_dimension_numbers\":" + product(3, 2)
                        + ",\"bmm2_grad_gemm1_dot_dimension_numbers\":" + product(2, 2)
                        + ",\"bmm2_grad_gemm2_dot_dimension_numbers\":" + product(3, 3)
                : "\"bmm1_dot_dimension_numbers\":" + product(3, 3) + ",\"bmm2_dot_dimension_numbers\":"
                        + product(3, 2);
        return "{\"operation_queue_id\":\"0\",\"wait_on_operation_queues\":[],\"cudnn_fmha_backend_config\":{"
                + "\"algorithm\":{\"algo_id\":\"0\",\"math_type\":\"TENSOR_OP_MATH\","
                + "\"tuning_knobs\":{\"17\":\"1\",\"24\":\"0\"},\"is_cudnn_frontend\":true,\"workspace_size\":\"0\"},"
                + "\"fmha_scale\":" + scale + ",\"dropout_rate\":0.0,"
                + "\"intermediate_tensor_shape\":{\"element_type\":\"BF16\",\"dimensions\":["
                + "\"" + queries.get(0) + "\",\"" + queries.get(1) + "\","
                + "\"" + queries.get(2) + "\",\"" + keys.get(2) + "\"],\"tuple_shapes\":[],"
                + "\"layout\":{\"minor_to_major\":[\"3\",\"2\",\"1\",\"0\"]},"
                + "\"is_dynamic_dimension\":[false,false,false,false]},"
                + "\"seed\":\"42\",\"is_flash_attention\":true,\"mask_type\":\"NO_MASK\",\"sliding_window_length\":0,"
                + products + "}}";
    }

    /** A product of two arrays {@code [batch, heads, ., .]} that contracts one axis of each. */
    private static String product(int left, int right) {
        return "{\"lhs_contracting_dimensions\":[\"" + left + "\"],\"rhs_contracting_dimensions\":[\"" + right + "\"],"
                + "\"lhs_batch_dimensions\":[\"0\",\"1\"],\"rhs_batch_dimensions\":[\"0\",\"1\"]}";
    }
}
