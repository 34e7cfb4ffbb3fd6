package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.layer.Block;
import org.capi.graph.layer.RmsNorm;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.layer.Transformer;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** CAPI's predictor: each mask token sees the encoder's output and no other mask token. */
record CrossAttentionPredictor<T extends TFloating>(MaskTokens<T> masks, Transformer<T> transformer)
        implements Predictor<T> {

    static <T extends TFloating> CrossAttentionPredictor<T> create(Parameters<T> params, VitConfig config) {
        Operand<T> token = MaskTokens.declare(params, config.predictorDim());
        var decoder = params.in("decoder");
        var transformer = Transformer.create(
                decoder,
                config.predictorDepth(),
                config.predictorDim(),
                config.dim(),
                config.predictorHeads(),
                config.positions()::rotation);
        var positions = config.positions().embedding(decoder, config.predictorDim());
        return new CrossAttentionPredictor<>(new MaskTokens<>(token, positions), transformer);
    }

    @Override
    public List<Block<T>> blocks() {
        return transformer.blocks();
    }

    @Override
    public Tokens<T> input(Ops tf, Operand<TFloat32> where, Tokens<T> context) {
        return new Tokens<>(masks.at(tf, where), where);
    }

    @Override
    public boolean inputHoldsContext() {
        return false;
    }

    @Override
    public Operand<T> block(Ops tf, Block<T> block, Tokens<T> x, Tokens<T> context, StochasticDepth depth) {
        return block.apply(tf, x.values(), x.where(), context.values(), context.where(), depth);
    }

    @Override
    public Operand<T> predictions(Ops tf, Operand<T> x, Operand<TFloat32> where) {
        return RmsNorm.withoutGain().apply(tf, x);
    }
}
