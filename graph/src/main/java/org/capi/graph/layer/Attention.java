package org.capi.graph.layer;

import java.util.List;
import org.capi.graph.Parameters;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** Multi-head attention without biases (Vaswani et al. 2017), its queries and keys turned by a {@link Rotation}. */
public record Attention<T extends TFloating>(
        Linear<T> query, Linear<T> key, Linear<T> value, Linear<T> out, Rotation rotation, int heads) {

    /** Declares {@code q_proj}, {@code k_proj}, {@code v_proj}, {@code proj} and what the rotation has, under {@code rope}. */
    public static <T extends TFloating> Attention<T> create(
            Parameters<T> params, int dim, int contextDim, int heads, Rotation.Factory rotation) {
        if (heads < 1 || dim % heads != 0) {
            throw new IllegalArgumentException("heads must divide the width " + dim + ", was " + heads);
        }
        return new Attention<>(
                Linear.create(params.in("q_proj"), dim, dim),
                Linear.create(params.in("k_proj"), contextDim, dim),
                Linear.create(params.in("v_proj"), contextDim, dim),
                Linear.create(params.in("proj"), dim, dim),
                rotation.create(params.in("rope"), dim / heads),
                heads);
    }

    /**
     * {@code softmax(q·kᵀ / √headDim)·v}: every query attends to the whole context. Queries and coordinates that are the
     * same for the whole batch may come as a batch of one.
     *
     * @param x the queries' tokens {@code [batch, tokens, dim]}
     * @param where the queries' coordinates {@code [batch, tokens, 2]}
     * @param context the keys' and values' tokens {@code [batch, others, contextDim]}
     * @param contextWhere their coordinates {@code [batch, others, 2]}
     * @return {@code [batch, tokens, dim]}
     */
    public Operand<T> apply(
            Ops tf, Operand<T> x, Operand<TFloat32> where, Operand<T> context, Operand<TFloat32> contextWhere) {
        boolean self = x.equals(context);
        List<Operand<T>> projected = self ? project(tf, x, List.of(query, key, value)) : project(tf, x, List.of(query));
        List<Operand<T>> others = self ? projected.subList(1, 3) : project(tf, context, List.of(key, value));
        var q = rotation.apply(tf, projected.get(0), where); // [batch, heads, tokens, headDim]
        var k = rotation.apply(tf, others.get(0), contextWhere);
        var scaled = tf.math.mul(q, tf.constant((float) (1 / Math.sqrt(headDim()))));
        var scores = tf.train.batchMatMul(narrow(tf, scaled, x), narrow(tf, k, x), x.type(), BatchMatMul.adjY(true));
        var weights = tf.nn.softmax(tf.dtypes.cast(scores, TFloat32.class)); // [batch, heads, tokens, others]
        var mixed = tf.train.batchMatMul(narrow(tf, weights, x), others.get(1), x.type());
        return out.apply(tf, merge(tf, mixed));
    }

    private int headDim() {
        return Math.toIntExact(query.weight().shape().get(0) / heads);
    }

    private Operand<T> narrow(Ops tf, Operand<TFloat32> wide, Operand<T> like) {
        return tf.dtypes.cast(wide, like.type());
    }

    /**
     * Some maps of the same tokens in one matrix product: {@code [batch, tokens, in]} to {@code [batch, heads, tokens,
     * headDim]} for each.
     */
    private List<Operand<T>> project(Ops tf, Operand<T> x, List<Linear<T>> maps) {
        var joined = maps.size() == 1 ? maps.get(0) : Linear.joined(tf, maps);
        Operand<T> y = joined.apply(tf, x);
        var sizes = List.of(
                Axes.size(tf, x, 0),
                Axes.size(tf, x, 1),
                tf.constant(maps.size()),
                tf.constant(heads),
                tf.constant(headDim()));
        // The maps come first, so that taking them apart copies nothing.
        var mapsFirst = tf.linalg.transpose(Axes.reshape(tf, y, sizes), tf.constant(new int[] {2, 0, 3, 1, 4}));
        return List.copyOf(tf.unstack(mapsFirst, (long) maps.size()).output());
    }

    /** {@code [batch, heads, tokens, headDim] -> [batch, tokens, dim]}. */
    private Operand<T> merge(Ops tf, Operand<T> x) {
        var tokensFirst = tf.linalg.transpose(x, tf.constant(new int[] {0, 2, 1, 3}));
        int dim = Math.toIntExact(query.weight().shape().get(0));
        return Axes.reshape(tf, tokensFirst, List.of(Axes.size(tf, x, 0), Axes.size(tf, x, 2), tf.constant(dim)));
    }
}
