package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.layer.Axes;
import org.capi.graph.layer.Block;
import org.capi.graph.layer.Linear;
import org.capi.graph.layer.RmsNorm;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.layer.Transformer;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * A predictor of the kind of MAE's (He et al. 2022): the encoder's output, registers included, is projected to the
 * predictor's width, and mask tokens stand behind it; all of them see each other.
 *
 * @param projection of the encoder's output
 */
record SelfAttentionPredictor<T extends TFloating>(
        MaskTokens<T> masks, Linear<T> projection, Transformer<T> transformer) implements Predictor<T> {

    static <T extends TFloating> SelfAttentionPredictor<T> create(Parameters<T> params, VitConfig config) {
        int dim = config.predictorDim();
        Operand<T> token = MaskTokens.declare(params, dim);
        var decoder = params.in("decoder");
        Linear<T> projection = Linear.create(decoder.in("embed"), config.dim(), dim);
        var transformer = Transformer.create(
                decoder, config.predictorDepth(), dim, dim, config.predictorHeads(), config.positions()::rotation);
        var positions = config.positions().embedding(decoder, dim);
        return new SelfAttentionPredictor<>(new MaskTokens<>(token, positions), projection, transformer);
    }

    @Override
    public List<Block<T>> blocks() {
        return transformer.blocks();
    }

    /** Projected registers and visible patches, then mask tokens. */
    @Override
    public Tokens<T> input(Ops tf, Operand<TFloat32> where, Tokens<T> context) {
        var projected = new Tokens<>(projection.apply(tf, context.values()), context.where());
        return masks.behind(tf, projected, Axes.size(tf, context.values(), 0), where);
    }

    @Override
    public boolean inputHoldsContext() {
        return true;
    }

    @Override
    public Operand<T> block(Ops tf, Block<T> block, Tokens<T> x, Tokens<T> context, StochasticDepth depth) {
        return block.apply(tf, x.values(), x.where(), depth);
    }

    @Override
    public Operand<T> predictions(Ops tf, Operand<T> x, Operand<TFloat32> where) {
        return RmsNorm.withoutGain().apply(tf, MaskTokens.last(tf, x, where));
    }
}
