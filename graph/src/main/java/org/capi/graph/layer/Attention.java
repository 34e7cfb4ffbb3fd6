package org.capi.graph.layer;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Initializer;
import org.capi.graph.Parameter.Role;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Unstack;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Multi-head attention (Vaswani et al. 2017), its queries and keys turned by a {@link Rotation}.
 *
 * @param fused whether {@link FusedAttention} is used where it can be, in a step that XLA compiles for a GPU
 */
public record Attention<T extends TFloating>(
        Projections<T> projections, Linear<T> out, Rotation rotation, int heads, boolean fused) {

    /**
     * Declares {@code q_proj}, {@code k_proj}, {@code v_proj}, {@code proj} and what the rotation has, under {@code
     * rope}.
     */
    public static <T extends TFloating> Attention<T> create(
            Parameters<T> params, int dim, int contextDim, int heads, Rotation.Factory rotation) {
        if (heads < 1 || dim % heads != 0) {
            throw new IllegalArgumentException("heads must divide the width " + dim + ", was " + heads);
        }
        return new Attention<>(
                Projections.Separate.create(params, dim, contextDim),
                Linear.create(params.in("proj"), dim, dim),
                rotation.create(params.in("rope"), dim / heads),
                heads,
                params.plan().fusedAttention());
    }

    /**
     * {@code softmax(q·kᵀ / √headDim)·v}: every query attends to the whole context. Queries and coordinates that are
     * the same for the whole batch may come as a batch of one.
     *
     * @param x the queries' tokens {@code [batch, tokens, dim]}
     * @param coords the queries' coordinates {@code [batch, tokens, 2]}
     * @param context the keys' and values' tokens {@code [batch, others, contextDim]}
     * @param contextCoords their coordinates {@code [batch, others, 2]}
     * @return {@code [batch, tokens, dim]}
     */
    public Operand<T> apply(
            Ops tf, Operand<T> x, Operand<TFloat32> coords, Operand<T> context, Operand<TFloat32> contextCoords) {
        float scale = (float) (1 / Math.sqrt((double) dim() / heads));
        if (fused && FusedAttention.takes(x, context, dim() / heads)) {
            var projected = projections.tokensFirst(tf, x, context, heads); // each [batch, tokens, heads, headDim]
            var q = narrow(tf, rotation.apply(tf, projected.get(0), coords, 2), x);
            var k = narrow(tf, rotation.apply(tf, projected.get(1), contextCoords, 2), x);
            return out.applyUnpadded(tf, FusedAttention.apply(tf, q, k, projected.get(2), scale));
        }
        var projected = projections.apply(tf, x, context, heads); // each [batch, heads, tokens, headDim]
        var q = rotation.apply(tf, projected.get(0), coords);
        var k = rotation.apply(tf, projected.get(1), contextCoords);
        var scaled = tf.math.mul(q, tf.constant(scale));
        var scores = scores(tf, narrow(tf, scaled, x), narrow(tf, k, x));
        var weights = tf.nn.softmax(Tensors.cast(tf, scores, TFloat32.class)); // [batch, heads, tokens, others]
        var mixed = tf.linalg.einsum(List.of(narrow(tf, weights, x), projected.get(2)), "bhts,bhsd->bhtd");
        return out.apply(tf, merge(tf, mixed));
    }

    /**
     * {@code q·kᵀ} of each head. An einsum and its gradients are oneDNN's on a CPU, a batched matrix product's
     * gradients are not; but only the latter takes queries that are the same for the whole batch.
     */
    private static <T extends TFloating> Operand<T> scores(Ops tf, Operand<T> q, Operand<T> k) {
        return q.shape().get(0) == k.shape().get(0)
                ? tf.linalg.einsum(List.of(q, k), "bhtd,bhsd->bhts")
                : tf.train.batchMatMul(q, k, q.type(), BatchMatMul.adjY(true));
    }

    private Operand<T> narrow(Ops tf, Operand<TFloat32> wide, Operand<T> like) {
        return Tensors.cast(tf, wide, like.type());
    }

    /** {@code [batch, heads, tokens, headDim] -> [batch, tokens, dim]}. */
    private Operand<T> merge(Ops tf, Operand<T> x) {
        var tokensFirst = tf.linalg.transpose(x, tf.constant(new int[] {0, 2, 1, 3}));
        return Tensors.reshape(
                tf, tokensFirst, List.of(Tensors.size(tf, x, 0), Tensors.size(tf, x, 2), tf.constant(dim())));
    }

    private int dim() {
        return Math.toIntExact(out.weight().shape().get(0));
    }

    /** The linear maps of tokens to the queries, keys and values of attention. */
    public sealed interface Projections<T extends TFloating> {

        /**
         * Queries {@code [batch, heads, tokens, headDim]}, keys and values {@code [batch, heads, others, headDim]}, in
         * this order.
         *
         * @param x the queries' tokens {@code [batch, tokens, dim]}
         * @param context the keys' and values' tokens {@code [batch, others, contextDim]}
         */
        List<Operand<T>> apply(Ops tf, Operand<T> x, Operand<T> context, int heads);

        /**
         * The same with tokens before heads, {@code [batch, tokens, heads, headDim]}, as {@link FusedAttention} takes
         * them. Sizes are known.
         */
        List<Operand<T>> tokensFirst(Ops tf, Operand<T> x, Operand<T> context, int heads);

        /** A map for each; those of the same tokens are one matrix product. */
        record Separate<T extends TFloating>(Linear<T> query, Linear<T> key, Linear<T> value)
                implements Projections<T> {

            /** Declares {@code q_proj}, {@code k_proj} and {@code v_proj}, without biases. */
            static <T extends TFloating> Separate<T> create(Parameters<T> params, int dim, int contextDim) {
                return new Separate<>(
                        Linear.create(params.in("q_proj"), dim, dim),
                        Linear.create(params.in("k_proj"), contextDim, dim),
                        Linear.create(params.in("v_proj"), contextDim, dim));
            }

            @Override
            public List<Operand<T>> apply(Ops tf, Operand<T> x, Operand<T> context, int heads) {
                if (x.equals(context)) {
                    return apart(tf, Linear.joined(tf, List.of(query, key, value)), x, 3, heads);
                }
                List<Operand<T>> all = new ArrayList<>(apart(tf, query, x, 1, heads));
                all.addAll(apart(tf, Linear.joined(tf, List.of(key, value)), context, 2, heads));
                return all;
            }

            @Override
            public List<Operand<T>> tokensFirst(Ops tf, Operand<T> x, Operand<T> context, int heads) {
                boolean self = x.equals(context);
                List<Operand<T>> all = new ArrayList<>();
                if (!self) {
                    all.addAll(apartTokensFirst(tf, query, x, 1, heads));
                }
                var ofContext = self ? List.of(query, key) : List.of(key);
                if (Tensors.rows(tf, context).shape().get(0) % Linear.GPU_MULTIPLE == 0) {
                    // Queries and keys are rotated, which copies them; the product of values alone needs no copy.
                    all.addAll(apartTokensFirst(tf, Linear.joined(tf, ofContext), context, ofContext.size(), heads));
                    all.addAll(apartTokensFirst(tf, value, context, 1, heads));
                } else {
                    var joined = new ArrayList<>(ofContext);
                    joined.add(value);
                    all.addAll(apartTokensFirst(tf, Linear.joined(tf, joined), context, joined.size(), heads));
                }
                return all;
            }
        }

        /**
         * One map for all three, for self-attention.
         *
         * @param weight {@code [3 · dim, dim]}: queries, keys, values
         * @param bias {@code [3 · dim]}
         */
        record Fused<T extends TFloating>(Operand<T> weight, Operand<T> bias) implements Projections<T> {

            /** Declares {@code weight} and {@code bias}. */
            public static <T extends TFloating> Fused<T> create(Parameters<T> params, int dim) {
                return new Fused<>(
                        params.declare("weight", Role.WEIGHT, Shape.of(3L * dim, dim), Initializer.XAVIER_UNIFORM),
                        params.declare("bias", Role.BIAS, Shape.of(3L * dim), Initializer.ZEROS));
            }

            @Override
            public List<Operand<T>> apply(Ops tf, Operand<T> x, Operand<T> context, int heads) {
                if (!x.equals(context)) {
                    throw new IllegalArgumentException(
                            "one map for queries, keys and values serves self-attention only");
                }
                return apart(tf, new Linear<>(weight, bias), x, 3, heads);
            }

            @Override
            public List<Operand<T>> tokensFirst(Ops tf, Operand<T> x, Operand<T> context, int heads) {
                return apartTokensFirst(tf, new Linear<>(weight, bias), x, 3, heads);
            }
        }

        /**
         * Several maps of {@code x [batch, tokens, dim]} in one, {@code [maps · heads · headDim, dim]}, to one {@code
         * [batch, heads, tokens, headDim]} for each.
         */
        private static <T extends TFloating> List<Operand<T>> apart(
                Ops tf, Linear<T> joined, Operand<T> x, int maps, int heads) {
            var y = joined.ofRows(tf, Tensors.rows(tf, x));
            int headDim = Math.toIntExact(y.shape().get(-1) / maps / heads);
            // The sizes of the input: tf2onnx takes the shape of a product's rows for that of what they are reshaped
            // to.
            var sizes = List.of(
                    Tensors.size(tf, x, 0),
                    Tensors.size(tf, x, 1),
                    tf.constant(maps),
                    tf.constant(heads),
                    tf.constant(headDim));
            // The maps come first, so that taking them apart copies nothing.
            var mapsFirst = tf.linalg.transpose(Tensors.reshape(tf, y, sizes), tf.constant(new int[] {2, 0, 3, 1, 4}));
            return List.copyOf(tf.unstack(mapsFirst, (long) maps).output());
        }

        /** The same, to {@code [batch, tokens, heads, headDim]}, for known sizes. */
        private static <T extends TFloating> List<Operand<T>> apartTokensFirst(
                Ops tf, Linear<T> joined, Operand<T> x, int maps, int heads) {
            var y = joined.apply(tf, x);
            long headDim = y.shape().get(-1) / maps / heads;
            long batch = x.shape().get(0);
            long tokens = x.shape().get(1);
            var each = tf.reshape(y, tf.constant(new long[] {batch, tokens, maps, heads, headDim}));
            return List.copyOf(tf.unstack(each, (long) maps, Unstack.axis(2L)).output());
        }
    }
}
