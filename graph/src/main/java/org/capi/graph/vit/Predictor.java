package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.layer.Block;
import org.capi.graph.layer.StochasticDepth;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** What predicts at masked positions: one mask token for each, and what it goes through. */
public sealed interface Predictor<T extends TFloating>
        permits CrossAttentionPredictor, SelfAttentionPredictor, FusedPredictor {

    /** Declares that of a configuration: {@code mask_token}, and {@code decoder.*}, the reference's name for its blocks. */
    static <T extends TFloating> Predictor<T> create(Parameters<T> params, VitConfig config, Encoder<T> encoder) {
        return config.predictor().create(params, config, encoder);
    }

    /**
     * What the encoder's blocks start from.
     *
     * @param visible registers and visible patches
     * @param where the asked positions' coordinates {@code [batch, positions, 2]}
     */
    default Tokens<T> encoderInput(Ops tf, Tokens<T> visible, Operand<TFloat32> where) {
        return visible;
    }

    /** Its own blocks, of which there may be none. */
    List<Block<T>> blocks();

    /**
     * What its own blocks start from; the encoder's output itself where there are none.
     *
     * @param where coordinates {@code [batch, positions, 2]}, or {@code [1, positions, 2]} for a whole batch
     * @param context the encoder's output, normed
     */
    Tokens<T> input(Ops tf, Operand<TFloat32> where, Tokens<T> context);

    /** Whether the context is part of {@link #input}; if not, every block looks at it. */
    boolean inputHoldsContext();

    /** What a block makes of its input. */
    Operand<T> block(Ops tf, Block<T> block, Tokens<T> x, Tokens<T> context, StochasticDepth depth);

    /** What stands at the asked positions after the last block: {@code [batch, positions, dim]}, normed. */
    Operand<T> predictions(Ops tf, Operand<T> x, Operand<TFloat32> where);

    /** The encoder's output without mask tokens: {@code [batch, registers + visible, dim]}. */
    default Operand<T> visible(Ops tf, Operand<T> encoded, Operand<TFloat32> where) {
        return encoded;
    }

    /**
     * One vector for each image, {@code [batch, predictorDim]}: the mean over all positions of what the first block
     * predicts there, whatever its depth, as published numbers rest on it; of the patches where there is no block.
     *
     * @param where the coordinates of every patch {@code [1, patches, 2]}
     * @param context the encoder's output for whole images, normed
     */
    default Operand<T> pooled(Ops tf, Operand<TFloat32> where, Tokens<T> context) {
        return tf.math.mean(apply(tf, where, context, StochasticDepth.NONE, 1), tf.constant(1));
    }

    /** The prediction at each position: {@code where [batch, positions, 2] -> [batch, positions, dim]}, normed. */
    default Operand<T> apply(Ops tf, Operand<TFloat32> where, Tokens<T> context, StochasticDepth depth) {
        return apply(tf, where, context, depth, blocks().size());
    }

    /** The same after the first {@code layers} blocks only. */
    default Operand<T> apply(Ops tf, Operand<TFloat32> where, Tokens<T> context, StochasticDepth depth, int layers) {
        Tokens<T> x = input(tf, where, context);
        for (Block<T> block : blocks().subList(0, layers)) {
            x = new Tokens<>(block(tf, block, x, context, depth), x.where());
        }
        return predictions(tf, x.values(), where);
    }
}
