package org.capi.graph.layer;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Initializer;
import org.capi.graph.Parameters;
import org.capi.graph.Role;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/** The linear maps of tokens to the queries, keys and values of attention. */
public sealed interface Projections<T extends TFloating> {

    /**
     * Queries {@code [batch, heads, tokens, headDim]}, keys and values {@code [batch, heads, others, headDim]}, in this
     * order.
     *
     * @param x the queries' tokens {@code [batch, tokens, dim]}
     * @param context the keys' and values' tokens {@code [batch, others, contextDim]}
     */
    List<Operand<T>> apply(Ops tf, Operand<T> x, Operand<T> context, int heads);

    /** A map for each; those of the same tokens are one matrix product. */
    record Separate<T extends TFloating>(Linear<T> query, Linear<T> key, Linear<T> value) implements Projections<T> {

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
                throw new IllegalArgumentException("one map for queries, keys and values serves self-attention only");
            }
            return apart(tf, new Linear<>(weight, bias), x, 3, heads);
        }
    }

    /**
     * Several maps of {@code x [batch, tokens, dim]} in one, {@code [maps · heads · headDim, dim]}, to one {@code [batch,
     * heads, tokens, headDim]} for each.
     */
    private static <T extends TFloating> List<Operand<T>> apart(
            Ops tf, Linear<T> joined, Operand<T> x, int maps, int heads) {
        var y = joined.ofRows(tf, Axes.rows(tf, x));
        int headDim = Math.toIntExact(y.shape().get(-1) / maps / heads);
        // The sizes of the input: tf2onnx takes the shape of a product's rows for that of what they are reshaped to.
        var sizes = List.of(
                Axes.size(tf, x, 0), Axes.size(tf, x, 1), tf.constant(maps), tf.constant(heads), tf.constant(headDim));
        // The maps come first, so that taking them apart copies nothing.
        var mapsFirst = tf.linalg.transpose(Axes.reshape(tf, y, sizes), tf.constant(new int[] {2, 0, 3, 1, 4}));
        return List.copyOf(tf.unstack(mapsFirst, (long) maps).output());
    }
}
