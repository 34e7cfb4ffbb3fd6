package org.capi.graph.layer;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Parameters;
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
    public Operand<T> apply(Ops tf, Operand<T> x, Operand<TFloat32> where, StochasticDepth depth) {
        return RmsNorm.withoutGain().apply(tf, states(tf, x, where, depth).get(blocks.size()));
    }

    /**
     * What self-attention makes of {@code x [batch, tokens, dim]}, block by block and not normed: {@code x} itself, then
     * the output of each block, depth + 1 in all.
     */
    public List<Operand<T>> states(Ops tf, Operand<T> x, Operand<TFloat32> where, StochasticDepth depth) {
        List<Operand<T>> states = new ArrayList<>(List.of(x));
        for (Block<T> block : blocks) {
            states.add(block.apply(tf, states.get(states.size() - 1), where, depth));
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
            Operand<TFloat32> where,
            Operand<T> context,
            Operand<TFloat32> contextWhere,
            StochasticDepth depth,
            int layers) {
        Operand<T> y = x;
        for (Block<T> block : blocks.subList(0, layers)) {
            y = block.apply(tf, y, where, context, contextWhere, depth);
        }
        return RmsNorm.withoutGain().apply(tf, y);
    }
}
