package org.capi.graph.layer;

import java.util.List;
import org.capi.graph.Cast;
import org.capi.graph.Parameters;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** Multi-head attention (Vaswani et al. 2017), its queries and keys turned by a {@link Rotation}. */
public record Attention<T extends TFloating>(Projections<T> projections, Linear<T> out, Rotation rotation, int heads) {

    /** Declares {@code q_proj}, {@code k_proj}, {@code v_proj}, {@code proj} and what the rotation has, under {@code rope}. */
    public static <T extends TFloating> Attention<T> create(
            Parameters<T> params, int dim, int contextDim, int heads, Rotation.Factory rotation) {
        if (heads < 1 || dim % heads != 0) {
            throw new IllegalArgumentException("heads must divide the width " + dim + ", was " + heads);
        }
        return new Attention<>(
                Projections.Separate.create(params, dim, contextDim),
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
        var projected = projections.apply(tf, x, context, heads); // each [batch, heads, tokens, headDim]
        var q = rotation.apply(tf, projected.get(0), where);
        var k = rotation.apply(tf, projected.get(1), contextWhere);
        var scaled = tf.math.mul(q, tf.constant((float) (1 / Math.sqrt((double) dim() / heads))));
        var scores = scores(tf, narrow(tf, scaled, x), narrow(tf, k, x));
        var weights = tf.nn.softmax(Cast.to(tf, scores, TFloat32.class)); // [batch, heads, tokens, others]
        var mixed = tf.linalg.einsum(List.of(narrow(tf, weights, x), projected.get(2)), "bhts,bhsd->bhtd");
        return out.apply(tf, merge(tf, mixed));
    }

    /**
     * {@code q·kᵀ} of each head. An einsum and its gradients are oneDNN's on a CPU, a batched matrix product's gradients
     * are not; but only the latter takes queries that are the same for the whole batch.
     */
    private static <T extends TFloating> Operand<T> scores(Ops tf, Operand<T> q, Operand<T> k) {
        return q.shape().get(0) == k.shape().get(0)
                ? tf.linalg.einsum(List.of(q, k), "bhtd,bhsd->bhts")
                : tf.train.batchMatMul(q, k, q.type(), BatchMatMul.adjY(true));
    }

    private Operand<T> narrow(Ops tf, Operand<TFloat32> wide, Operand<T> like) {
        return Cast.to(tf, wide, like.type());
    }

    /** {@code [batch, heads, tokens, headDim] -> [batch, tokens, dim]}. */
    private Operand<T> merge(Ops tf, Operand<T> x) {
        var tokensFirst = tf.linalg.transpose(x, tf.constant(new int[] {0, 2, 1, 3}));
        return Axes.reshape(tf, tokensFirst, List.of(Axes.size(tf, x, 0), Axes.size(tf, x, 2), tf.constant(dim())));
    }

    private int dim() {
        return Math.toIntExact(out.weight().shape().get(0));
    }
}
