package org.capi.graph.layer;

import org.capi.graph.Parameters;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * A pre-norm transformer block: {@code x + attention(norm1(x))}, then {@code x + mlp(norm2(x))}.
 *
 * @param path the block's name, by which its random draws differ from those of other blocks
 */
public record Block<T extends TFloating>(
        Norm norm1, Attention<T> attention, Norm norm2, FeedForward<T> mlp, String path) {

    /** Declares {@code residual1} (norm and attention) and {@code residual2} (norm and MLP). */
    public static <T extends TFloating> Block<T> create(
            Parameters<T> params, int dim, int contextDim, int heads, Rotation.Factory rotation) {
        var first = params.in("residual1");
        var second = params.in("residual2");
        return new Block<>(
                RmsNorm.create(first.in("norm"), dim),
                Attention.create(first.in("fn"), dim, contextDim, heads, rotation),
                RmsNorm.create(second.in("norm"), dim),
                Mlp.create(second.in("fn"), dim),
                params.prefix());
    }

    /** Self-attention: {@code [batch, tokens, dim] -> [batch, tokens, dim]}, at coordinates {@code [batch, tokens, 2]}. */
    public Operand<T> apply(Ops tf, Operand<T> x, Operand<TFloat32> where, StochasticDepth depth) {
        var attended = depth.add(tf, path + "residual1", x, images -> {
            var normed = norm1.apply(tf, images.of(x));
            return attention.apply(tf, normed, images.of(where), normed, images.of(where));
        });
        return addMlp(tf, attended, depth);
    }

    /**
     * Cross-attention only: the tokens do not see each other. The context is used as given, without a norm.
     *
     * @return {@code [batch, tokens, dim]}
     */
    public Operand<T> apply(
            Ops tf,
            Operand<T> x,
            Operand<TFloat32> where,
            Operand<T> context,
            Operand<TFloat32> contextWhere,
            StochasticDepth depth) {
        var attended = depth.add(tf, path + "residual1", x, images -> {
            var normed = norm1.apply(tf, images.of(x));
            return attention.apply(tf, normed, images.of(where), images.of(context), images.of(contextWhere));
        });
        return addMlp(tf, attended, depth);
    }

    private Operand<T> addMlp(Ops tf, Operand<T> x, StochasticDepth depth) {
        return depth.add(tf, path + "residual2", x, images -> mlp.apply(tf, norm2.apply(tf, images.of(x))));
    }
}
