package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.layer.Axes;
import org.capi.graph.layer.Block;
import org.capi.graph.layer.StochasticDepth;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * No predictor of its own: mask tokens at the asked positions go through the encoder behind registers and visible
 * patches, and get its positions; all tokens see each other. Other masked positions have no token. For whole images, as
 * the teacher and whoever uses the model sees them, there is no mask token at all.
 */
record FusedPredictor<T extends TFloating>(MaskTokens<T> masks, Encoder<T> encoder) implements Predictor<T> {

    static <T extends TFloating> FusedPredictor<T> create(Parameters<T> params, VitConfig config, Encoder<T> encoder) {
        var token = MaskTokens.declare(params, config.dim());
        return new FusedPredictor<>(new MaskTokens<>(token, encoder.positions()), encoder);
    }

    @Override
    public Tokens<T> encoderInput(Ops tf, Tokens<T> visible, Operand<TFloat32> where) {
        return masks.behind(tf, visible, Axes.size(tf, visible.values(), 0), where);
    }

    @Override
    public List<Block<T>> blocks() {
        return List.of();
    }

    @Override
    public Tokens<T> input(Ops tf, Operand<TFloat32> where, Tokens<T> context) {
        return context;
    }

    @Override
    public boolean inputHoldsContext() {
        return true;
    }

    @Override
    public Operand<T> block(Ops tf, Block<T> block, Tokens<T> x, Tokens<T> context, StochasticDepth depth) {
        throw new IllegalStateException("a fused predictor has no blocks");
    }

    /** The encoder has normed them. */
    @Override
    public Operand<T> predictions(Ops tf, Operand<T> x, Operand<TFloat32> where) {
        return MaskTokens.last(tf, x, where);
    }

    @Override
    public Operand<T> visible(Ops tf, Operand<T> encoded, Operand<TFloat32> where) {
        var count = tf.math.sub(Axes.size(tf, encoded, 1), Axes.size(tf, where, 1));
        var all = tf.constant(-1);
        return tf.slice(encoded, tf.constant(new int[3]), tf.stack(List.of(all, count, all)));
    }

    /** The mean of the patches. */
    @Override
    public Operand<T> pooled(Ops tf, Operand<TFloat32> where, Tokens<T> context) {
        return tf.math.mean(encoder.patches(tf, context.values()), tf.constant(1));
    }
}
