package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.layer.Axes;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.layer.Transformer;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The predictor: one mask token for each asked position, which sees the encoder's output and no other mask token.
 *
 * @param maskToken {@code [1, dim]}
 * @param positions what is added to it
 */
public record Predictor<T extends TFloating>(
        Operand<T> maskToken, PositionEmbedding<T> positions, Transformer<T> transformer) {

    /** Declares {@code mask_token} and {@code decoder.blocks.*}, the reference's name for the predictor. */
    public static <T extends TFloating> Predictor<T> create(Parameters<T> params, VitConfig config) {
        Operand<T> maskToken = Encoder.token(params, "mask_token", Shape.of(1, config.predictorDim()));
        var transformer = Transformer.create(
                params.in("decoder"),
                config.predictorDepth(),
                config.predictorDim(),
                config.dim(),
                config.predictorHeads(),
                config.positions()::rotation);
        var positions = config.positions().embedding(params.in("decoder"), config.predictorDim());
        return new Predictor<>(maskToken, positions, transformer);
    }

    /** The prediction at each position: {@code where [batch, positions, 2] -> [batch, positions, dim]}, normed. */
    public Operand<T> apply(Ops tf, Operand<TFloat32> where, Tokens<T> context, StochasticDepth depth) {
        return apply(tf, where, context, depth, transformer.blocks().size());
    }

    /** The same after the first {@code layers} blocks only. */
    Operand<T> apply(Ops tf, Operand<TFloat32> where, Tokens<T> context, StochasticDepth depth, int layers) {
        return transformer.apply(tf, masks(tf, where), where, context.values(), context.where(), depth, layers);
    }

    /** The mask token at each position: {@code [batch, positions, 2] -> [batch, positions, dim]}. */
    public Operand<T> masks(Ops tf, Operand<TFloat32> where) {
        int dim = Math.toIntExact(maskToken.shape().get(1));
        var sizes = List.of(Axes.size(tf, where, 0), Axes.size(tf, where, 1), tf.constant(dim));
        return positions.add(tf, tf.broadcastTo(maskToken, tf.stack(sizes)), where);
    }
}
