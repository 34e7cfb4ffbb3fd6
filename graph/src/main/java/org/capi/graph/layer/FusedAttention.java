package org.capi.graph.layer;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.capi.graph.Tensors;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Attention by the fused kernels of NVIDIA's cuDNN, which never write the scores: custom calls of XLA for a GPU, in a
 * function that XLA compiles. What a call says is that of JAX 0.4.34, of the weeks of TensorFlow 2.18's XLA.
 */
public final class FusedAttention {

    private static final String OP = "XlaCustomCallV2";
    private static final String BARRIER = "XlaOptimizationBarrier";
    private static final String FORWARD = "__cudnn$fmhaSoftmax";
    private static final String BACKWARD = "__cudnn$fmhaSoftmaxBackward";
    private static final Shape WORKSPACE = Shape.of(0); // XLA makes it as large as need be

    /** Attributes of the forward call that its gradient reads: TensorFlow ignores names that begin so. */
    private static final String QUERIES = "_queries";

    private static final String KEYS = "_keys";
    private static final String SCALE = "_scale";

    /** The axes of images and heads, as JSON. */
    private static final String HEADS_FIRST = "[\"0\",\"1\"]";

    private static final String TOKENS_FIRST = "[\"0\",\"2\"]";

    private static final int MAX_HEAD_DIM = 128;
    private static final int HEAD_DIM_STEP = 8;

    static {
        Tensors.registerGradient(OP, FusedAttention::gradient);
        Tensors.registerGradient(BARRIER, FusedAttention::withOutput);
    }

    private FusedAttention() {}

    /** Whether the kernels take tokens {@code [batch, tokens, dim]}: bfloat16, known sizes, heads that fit. */
    static boolean takes(Operand<? extends TFloating> x, Operand<? extends TFloating> context, int headDim) {
        return x.type().equals(TBfloat16.class)
                && !x.shape().hasUnknownDimension()
                && !context.shape().hasUnknownDimension()
                && x.shape().get(0) == context.shape().get(0)
                && headDim <= MAX_HEAD_DIM
                && headDim % HEAD_DIM_STEP == 0;
    }

    /**
     * {@code softmax(scale · q·kᵀ)·v}.
     *
     * @param q {@code [batch, tokens, heads, headDim]}
     * @param k {@code [batch, others, heads, headDim]}
     * @param v {@code [batch, others, heads, headDim]}
     * @return {@code [batch, tokens, heads · headDim]}
     */
    static <T extends TFloating> Operand<T> apply(Ops tf, Operand<T> q, Operand<T> k, Operand<T> v, float scale) {
        Shape queries = headsFirst(q.shape());
        Shape keys = headsFirst(k.shape());
        Shape statistics = Shape.of(queries.get(0), queries.get(1), queries.get(2));
        Operand<T> headsFirst = tf.scope()
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
        // The op cannot specify a layout. If nothing reads the output with heads first, XLA lets the kernel write
        // tokens first; the barrier keeps XLA from moving the transpose.
        var tokensFirst = tf.linalg.transpose(headsFirst, tf.constant(new int[] {0, 2, 1, 3}));
        long dim = q.shape().get(2) * q.shape().get(3);
        var merged = tf.reshape(
                tokensFirst, tf.constant(new long[] {q.shape().get(0), q.shape().get(1), dim}));
        return tf.scope()
                .opBuilder(BARRIER, BARRIER)
                .addInputList(new Output<?>[] {merged.asOutput()})
                .build()
                .output(0);
    }

    /**
     * Builds a comparison with plain attention, in a function that XLA must compile, of numbers that look random.
     *
     * @param graph the graph to run, which gets the function
     * @return by how much output and gradients differ at most, as a share of the largest number, a scalar
     */
    public static Operand<TFloat32> difference(Graph graph, int queries, int keys, int headDim) {
        try (Graph inner = new Graph()) {
            Ops tf = Ops.create(inner);
            var seed = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
            var q = waves(tf, seed, 1, Shape.of(2, queries, 2, headDim));
            var k = waves(tf, seed, 2, Shape.of(2, keys, 2, headDim));
            var v = waves(tf, seed, 3, Shape.of(2, keys, 2, headDim));
            var upstream = waves(tf, seed, 4, Shape.of(2, queries, 2, headDim));
            float scale = (float) (1 / Math.sqrt(headDim));
            var merged = tf.reshape(apply(tf, q, k, v, scale), tf.constant(q.shape()));
            var fused = withGradients(tf, merged, List.of(q, k, v), upstream);
            // In float32, which XLA does not replace by kernels of cuDNN.
            List<Operand<TFloat32>> wide = Stream.of(q, k, v)
                    .<Operand<TFloat32>>map(x -> tf.dtypes.cast(x, TFloat32.class))
                    .toList();
            var scores = tf.linalg.einsum(wide.subList(0, 2), "bthd,bshd->bhts");
            var weights = tf.nn.softmax(tf.math.mul(scores, tf.constant(scale)));
            Operand<TFloat32> mixed = tf.linalg.einsum(List.of(weights, wide.get(2)), "bhts,bshd->bthd");
            var plain = withGradients(tf, tf.dtypes.cast(mixed, TBfloat16.class), List.of(q, k, v), upstream);
            List<Operand<TFloat32>> shares = new ArrayList<>();
            for (int i = 0; i < plain.size(); i++) {
                var difference = largest(tf, tf.math.sub(fused.get(i), plain.get(i)));
                shares.add(tf.math.div(difference, largest(tf, plain.get(i))));
            }
            var worst = tf.reduceMax(tf.stack(shares), tf.constant(0));
            var function = ConcreteFunction.create(
                    Signature.builder("fused_attention")
                            .input("seed", seed)
                            .output("worst", worst)
                            .build(),
                    inner);
            graph.attachFunction(function);
            return graph.opBuilder("StatefulPartitionedCall", "fused_attention", graph.baseScope())
                    .addInputList(
                            new Output<?>[] {Ops.create(graph).constant(1f).asOutput()})
                    .setAttr("Tin", new DataType[] {DataType.DT_FLOAT})
                    .setAttr("Tout", new DataType[] {DataType.DT_FLOAT})
                    .setAttr("f", function)
                    .setAttr("_XlaMustCompile", true)
                    .build()
                    .output(0);
        }
    }

    /** Numbers in [-1, 1] that look random. */
    private static Operand<TBfloat16> waves(Ops tf, Operand<TFloat32> seed, int stream, Shape shape) {
        var index = tf.range(tf.constant(0f), tf.constant((float) shape.size()), tf.constant(1f));
        var phase = tf.math.mul(tf.math.mul(index, seed), tf.constant(1.7f * stream));
        return tf.dtypes.cast(tf.reshape(tf.math.sin(phase), tf.constant(shape)), TBfloat16.class);
    }

    private static List<Operand<TFloat32>> withGradients(
            Ops tf, Operand<TBfloat16> y, List<Operand<TBfloat16>> inputs, Operand<TBfloat16> upstream) {
        var gradients = tf.gradients(List.of(y), inputs, Gradients.dx(List.of(upstream)));
        List<Operand<TFloat32>> all = new ArrayList<>(List.of(tf.dtypes.cast(y, TFloat32.class)));
        for (int i = 0; i < inputs.size(); i++) {
            all.add(tf.dtypes.cast(gradients.dy(i), TFloat32.class));
        }
        return all;
    }

    private static Operand<TFloat32> largest(Ops tf, Operand<TFloat32> x) {
        return tf.reduceMax(tf.math.abs(tf.reshape(x, tf.constant(new long[] {-1}))), tf.constant(0));
    }

    private static Shape headsFirst(Shape x) {
        return Shape.of(x.get(0), x.get(2), x.get(1), x.get(3));
    }

    /** Passes the upstream gradient on, together with the forward output, which {@link #gradient} needs. */
    private static List<Operand<?>> withOutput(Ops tf, GraphOperation barrier, List<Output<?>> upstream) {
        return List.of(tf.identityN(List.of(upstream.get(0), barrier.output(0)))
                .output()
                .get(0));
    }

    /** The graph is locked here: an operand's shape cannot be read. */
    private static List<Operand<?>> gradient(Ops tf, GraphOperation forward, List<Output<?>> upstream) {
        Shape queries = forward.attributes().getAttrShape(QUERIES);
        Shape keys = forward.attributes().getAttrShape(KEYS);
        float scale = forward.attributes().getAttrFloat(SCALE);
        var transposed = expect("Transpose", upstream.get(0));
        var split = expect("Reshape", transposed.input(0));
        var withOutput = expect("IdentityN", split.input(0));
        var tokensFirst = tf.constant(new long[] {queries.get(0), queries.get(2), queries.get(1), queries.get(3)});
        Output<?>[] operands = {
            forward.input(0),
            forward.input(1),
            forward.input(2),
            forward.output(1),
            tf.reshape(withOutput.<TBfloat16>output(0), tokensFirst).asOutput(),
            tf.reshape(withOutput.<TBfloat16>output(1), tokensFirst).asOutput()
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
        List<Operand<?>> gradients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            gradients.add(tf.linalg.transpose(backward.output(i), tf.constant(new int[] {0, 2, 1, 3})));
        }
        return gradients;
    }

    /** The op of an output that {@link #apply} or {@link #withOutput} made. */
    private static GraphOperation expect(String type, Output<?> output) {
        var op = (GraphOperation) output.op();
        if (!op.type().equals(type)) {
            throw new IllegalStateException("fused attention's gradient goes through " + op.type() + ", not " + type);
        }
        return op;
    }

    /**
     * XLA's {@code GpuBackendConfig} as JSON: the scores' shape, and which axes each product contracts. The scores
     * have heads before tokens; all other operands have tokens before heads, and all results heads before tokens.
     */
    private static String config(Shape queries, Shape keys, float scale, boolean backward) {
        String products = backward
                ? "\"bmm1_grad_gemm1_dot_dimension_numbers\":" + product(2, HEADS_FIRST, 1, TOKENS_FIRST)
                        + ",\"bmm1_grad_gemm2_dot_dimension_numbers\":" + product(3, HEADS_FIRST, 1, TOKENS_FIRST)
                        + ",\"bmm2_grad_gemm1_dot_dimension_numbers\":" + product(2, HEADS_FIRST, 1, TOKENS_FIRST)
                        + ",\"bmm2_grad_gemm2_dot_dimension_numbers\":" + product(3, TOKENS_FIRST, 3, TOKENS_FIRST)
                : "\"bmm1_dot_dimension_numbers\":" + product(3, TOKENS_FIRST, 3, TOKENS_FIRST)
                        + ",\"bmm2_dot_dimension_numbers\":" + product(3, HEADS_FIRST, 1, TOKENS_FIRST);
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

    /** A product of two arrays that contracts one axis of each, for each image and head. */
    private static String product(int left, String leftBatch, int right, String rightBatch) {
        return "{\"lhs_contracting_dimensions\":[\"" + left + "\"],\"rhs_contracting_dimensions\":[\"" + right + "\"],"
                + "\"lhs_batch_dimensions\":" + leftBatch + ",\"rhs_batch_dimensions\":" + rightBatch + "}";
    }
}
