package org.capi.graph.layer;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.layer.FeedForward.Mlp;
import org.capi.graph.layer.Norm.RmsNorm;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** A stack of blocks, followed by a norm without gain. */
public record Transformer<T extends TFloating>(List<Block<T>> blocks) {

    /** Keeps an unmodifiable copy. */
    public Transformer {
        blocks = List.copyOf(blocks);
    }

    /** Declares {@code blocks.0}, {@code blocks.1}, and so on. */
    public static <T extends TFloating> Transformer<T> create(
            Parameters<T> params, int depth, int dim, int contextDim, int heads, Rotation.Factory rotation) {
        List<Block<T>> blocks = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            blocks.add(Block.create(params.in("blocks." + i), dim, contextDim, heads, rotation));
        }
        return new Transformer<>(blocks);
    }

    /** Self-attention through every block: {@code [batch, tokens, dim] -> [batch, tokens, dim]}, normed. */
    public Operand<T> apply(Ops tf, Operand<T> x, Operand<TFloat32> coords, StochasticDepth depth) {
        return RmsNorm.withoutGain().apply(tf, states(tf, x, coords, depth).get(blocks.size()));
    }

    /**
     * What self-attention makes of {@code x [batch, tokens, dim]}, block by block and not normed: {@code x} itself,
     * then the output of each block, depth + 1 in all.
     */
    public List<Operand<T>> states(Ops tf, Operand<T> x, Operand<TFloat32> coords, StochasticDepth depth) {
        List<Operand<T>> states = new ArrayList<>(List.of(x));
        for (Block<T> block : blocks) {
            states.add(block.apply(tf, states.get(states.size() - 1), coords, depth));
        }
        return List.copyOf(states);
    }

    /**
     * Cross-attention to the same context through the first {@code layers} blocks: {@code [batch, tokens, dim] ->
     * [batch, tokens, dim]}, normed.
     */
    public Operand<T> apply(
            Ops tf,
            Operand<T> x,
            Operand<TFloat32> coords,
            Operand<T> context,
            Operand<TFloat32> contextCoords,
            StochasticDepth depth,
            int layers) {
        Operand<T> y = x;
        for (Block<T> block : blocks.subList(0, layers)) {
            y = block.apply(tf, y, coords, context, contextCoords, depth);
        }
        return RmsNorm.withoutGain().apply(tf, y);
    }

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

        /**
         * Self-attention: {@code [batch, tokens, dim] -> [batch, tokens, dim]}, at coordinates {@code [batch, tokens,
         * 2]}.
         */
        public Operand<T> apply(Ops tf, Operand<T> x, Operand<TFloat32> coords, StochasticDepth depth) {
            var attended = depth.add(tf, path + "residual1", x, images -> {
                var normed = norm1.apply(tf, images.of(x));
                return attention.apply(tf, normed, images.of(coords), normed, images.of(coords));
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
                Operand<TFloat32> coords,
                Operand<T> context,
                Operand<TFloat32> contextCoords,
                StochasticDepth depth) {
            var attended = depth.add(tf, path + "residual1", x, images -> {
                var normed = norm1.apply(tf, images.of(x));
                return attention.apply(tf, normed, images.of(coords), images.of(context), images.of(contextCoords));
            });
            return addMlp(tf, attended, depth);
        }

        private Operand<T> addMlp(Ops tf, Operand<T> x, StochasticDepth depth) {
            return depth.add(tf, path + "residual2", x, images -> mlp.ofNormed(tf, norm2, images.of(x)));
        }
    }
}
