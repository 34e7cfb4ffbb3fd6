package org.capi.graph.vit;

import java.util.List;
import java.util.Locale;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.layer.Linear;
import org.capi.graph.layer.Norm.RmsNorm;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.layer.Transformer;
import org.capi.graph.layer.Transformer.Block;
import org.capi.graph.vit.Encoder.Tokens;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** What predicts at masked positions: one mask token for each, and what it goes through. */
public sealed interface Predictor<T extends TFloating> {

    /**
     * Declares that of a configuration: {@code mask_token}, and {@code decoder.*}, the reference's name for its blocks.
     */
    static <T extends TFloating> Predictor<T> create(Parameters<T> params, VitConfig config, Encoder<T> encoder) {
        return config.predictor().create(params, config, encoder);
    }

    /**
     * What the encoder's blocks start from.
     *
     * @param visible registers and visible patches
     * @param coords the predicted positions' coordinates {@code [batch, positions, 2]}
     */
    default Tokens<T> encoderInput(Ops tf, Tokens<T> visible, Operand<TFloat32> coords) {
        return visible;
    }

    /** Its own blocks, of which there may be none. */
    List<Block<T>> blocks();

    /**
     * What its own blocks start from; the encoder's output itself where there are none.
     *
     * @param coords coordinates {@code [batch, positions, 2]}, or {@code [1, positions, 2]} for a whole batch
     * @param context the encoder's output, normed
     */
    Tokens<T> input(Ops tf, Operand<TFloat32> coords, Tokens<T> context);

    /** Whether the context is part of {@link #input}; if not, every block looks at it. */
    boolean inputHoldsContext();

    /** What a block makes of its input. */
    Operand<T> block(Ops tf, Block<T> block, Tokens<T> x, Tokens<T> context, StochasticDepth depth);

    /** The output at the predicted positions after the last block: {@code [batch, positions, dim]}, normed. */
    Operand<T> predictions(Ops tf, Operand<T> x, Operand<TFloat32> coords);

    /** The encoder's output without mask tokens: {@code [batch, registers + visible, dim]}. */
    default Operand<T> visible(Ops tf, Operand<T> encoded, Operand<TFloat32> coords) {
        return encoded;
    }

    /**
     * One vector for each image, {@code [batch, predictorDim]}: the mean over all positions of what the first block
     * predicts there, whatever its depth, as published numbers rest on it; of the patches where there is no block.
     *
     * @param coords the coordinates of every patch {@code [1, patches, 2]}
     * @param context the encoder's output for whole images, normed
     */
    default Operand<T> pooled(Ops tf, Operand<TFloat32> coords, Tokens<T> context) {
        return tf.math.mean(apply(tf, coords, context, StochasticDepth.NONE, 1), tf.constant(1));
    }

    /** The prediction at each position: {@code coords [batch, positions, 2] -> [batch, positions, dim]}, normed. */
    default Operand<T> apply(Ops tf, Operand<TFloat32> coords, Tokens<T> context, StochasticDepth depth) {
        return apply(tf, coords, context, depth, blocks().size());
    }

    /** The same after the first {@code layers} blocks only. */
    default Operand<T> apply(Ops tf, Operand<TFloat32> coords, Tokens<T> context, StochasticDepth depth, int layers) {
        Tokens<T> x = input(tf, coords, context);
        for (Block<T> block : blocks().subList(0, layers)) {
            x = new Tokens<>(block(tf, block, x, context, depth), x.coords());
        }
        return predictions(tf, x.values(), coords);
    }

    /**
     * The learned token that stands at every masked position.
     *
     * @param token {@code [1, dim]}
     * @param positions what is added to it
     */
    record MaskTokens<T extends TFloating>(Operand<T> token, PositionEmbedding<T> positions) {

        /** Declares {@code mask_token}. */
        static <T extends TFloating> Operand<T> declare(Parameters<T> params, int dim) {
            return Registers.token(params, "mask_token", Shape.of(1, dim));
        }

        /** One at each position: {@code [batch, positions, 2] -> [batch, positions, dim]}. */
        Operand<T> at(Ops tf, Operand<TFloat32> coords) {
            return at(tf, coords, Tensors.size(tf, coords, 0));
        }

        /** The same for a batch of {@code images} whose positions may be given once for all. */
        Operand<T> at(Ops tf, Operand<TFloat32> coords, Operand<TInt32> images) {
            int dim = Math.toIntExact(token.shape().get(1));
            var sizes = List.of(images, Tensors.size(tf, coords, 1), tf.constant(dim));
            return positions.add(tf, tf.broadcastTo(token, tf.stack(sizes)), coords);
        }

        /** Puts them behind other tokens of so many images. */
        Tokens<T> behind(Ops tf, Tokens<T> others, Operand<TInt32> images, Operand<TFloat32> coords) {
            var masks = at(tf, coords, images);
            return new Tokens<>(
                    tf.concat(List.of(others.values(), masks), tf.constant(1)),
                    tf.concat(List.of(others.coords(), coords), tf.constant(1)));
        }

        /** The last tokens, as many as there are positions: {@code [batch, tokens, dim] -> [batch, positions, dim]}. */
        static <T extends TFloating> Operand<T> last(Ops tf, Operand<T> x, Operand<TFloat32> coords) {
            var first = tf.math.sub(Tensors.size(tf, x, 1), Tensors.size(tf, coords, 1));
            var begin = tf.stack(List.of(tf.constant(0), first, tf.constant(0)));
            // Sizes in full: tf2onnx adds those of -1 to a beginning that is not a constant.
            int dim = Math.toIntExact(x.shape().get(2));
            return tf.slice(
                    x, begin, tf.stack(List.of(Tensors.size(tf, x, 0), Tensors.size(tf, coords, 1), tf.constant(dim))));
        }
    }

    /** CAPI's predictor: each mask token sees the encoder's output and no other mask token. */
    record CrossAttention<T extends TFloating>(MaskTokens<T> masks, Transformer<T> transformer)
            implements Predictor<T> {

        static <T extends TFloating> CrossAttention<T> create(Parameters<T> params, VitConfig config) {
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
            return new CrossAttention<>(new MaskTokens<>(token, positions), transformer);
        }

        @Override
        public List<Block<T>> blocks() {
            return transformer.blocks();
        }

        @Override
        public Tokens<T> input(Ops tf, Operand<TFloat32> coords, Tokens<T> context) {
            return new Tokens<>(masks.at(tf, coords), coords);
        }

        @Override
        public boolean inputHoldsContext() {
            return false;
        }

        @Override
        public Operand<T> block(Ops tf, Block<T> block, Tokens<T> x, Tokens<T> context, StochasticDepth depth) {
            return block.apply(tf, x.values(), x.coords(), context.values(), context.coords(), depth);
        }

        @Override
        public Operand<T> predictions(Ops tf, Operand<T> x, Operand<TFloat32> coords) {
            return RmsNorm.withoutGain().apply(tf, x);
        }
    }

    /**
     * A predictor of the kind of MAE's (He et al. 2022): the encoder's output, registers included, is projected to the
     * predictor's width, and mask tokens stand behind it; all of them see each other.
     *
     * @param projection of the encoder's output
     */
    record SelfAttention<T extends TFloating>(MaskTokens<T> masks, Linear<T> projection, Transformer<T> transformer)
            implements Predictor<T> {

        static <T extends TFloating> SelfAttention<T> create(Parameters<T> params, VitConfig config) {
            int dim = config.predictorDim();
            Operand<T> token = MaskTokens.declare(params, dim);
            var decoder = params.in("decoder");
            Linear<T> projection = Linear.create(decoder.in("embed"), config.dim(), dim);
            var transformer = Transformer.create(
                    decoder, config.predictorDepth(), dim, dim, config.predictorHeads(), config.positions()::rotation);
            var positions = config.positions().embedding(decoder, dim);
            return new SelfAttention<>(new MaskTokens<>(token, positions), projection, transformer);
        }

        @Override
        public List<Block<T>> blocks() {
            return transformer.blocks();
        }

        /** Projected registers and visible patches, then mask tokens. */
        @Override
        public Tokens<T> input(Ops tf, Operand<TFloat32> coords, Tokens<T> context) {
            var projected = new Tokens<>(projection.apply(tf, context.values()), context.coords());
            return masks.behind(tf, projected, Tensors.size(tf, context.values(), 0), coords);
        }

        @Override
        public boolean inputHoldsContext() {
            return true;
        }

        @Override
        public Operand<T> block(Ops tf, Block<T> block, Tokens<T> x, Tokens<T> context, StochasticDepth depth) {
            return block.apply(tf, x.values(), x.coords(), depth);
        }

        @Override
        public Operand<T> predictions(Ops tf, Operand<T> x, Operand<TFloat32> coords) {
            return RmsNorm.withoutGain().apply(tf, MaskTokens.last(tf, x, coords));
        }
    }

    /**
     * No predictor of its own: mask tokens at the predicted positions go through the encoder behind registers and
     * visible patches, and get its positions; all tokens see each other. Other masked positions have no token. For
     * whole images, as the teacher and whoever uses the model sees them, there is no mask token at all.
     */
    record Fused<T extends TFloating>(MaskTokens<T> masks, Encoder<T> encoder) implements Predictor<T> {

        static <T extends TFloating> Fused<T> create(Parameters<T> params, VitConfig config, Encoder<T> encoder) {
            var token = MaskTokens.declare(params, config.dim());
            return new Fused<>(new MaskTokens<>(token, encoder.positions()), encoder);
        }

        @Override
        public Tokens<T> encoderInput(Ops tf, Tokens<T> visible, Operand<TFloat32> coords) {
            return masks.behind(tf, visible, Tensors.size(tf, visible.values(), 0), coords);
        }

        @Override
        public List<Block<T>> blocks() {
            return List.of();
        }

        @Override
        public Tokens<T> input(Ops tf, Operand<TFloat32> coords, Tokens<T> context) {
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
        public Operand<T> predictions(Ops tf, Operand<T> x, Operand<TFloat32> coords) {
            return MaskTokens.last(tf, x, coords);
        }

        @Override
        public Operand<T> visible(Ops tf, Operand<T> encoded, Operand<TFloat32> coords) {
            var count = tf.math.sub(Tensors.size(tf, encoded, 1), Tensors.size(tf, coords, 1));
            var all = tf.constant(-1);
            return tf.slice(encoded, tf.constant(new int[3]), tf.stack(List.of(all, count, all)));
        }

        /** The mean of the patches. */
        @Override
        public Operand<T> pooled(Ops tf, Operand<TFloat32> coords, Tokens<T> context) {
            return tf.math.mean(encoder.patches(tf, context.values()), tf.constant(1));
        }
    }

    /** Where mask tokens meet what the encoder made of the visible patches. */
    public enum Kind {
        /** In blocks of their own, in which each sees the encoder's output and no other mask token (CAPI). */
        CROSS_ATTENTION {
            @Override
            <T extends TFloating> Predictor<T> create(Parameters<T> params, VitConfig config, Encoder<T> encoder) {
                return CrossAttention.create(params, config);
            }
        },
        /** In blocks of their own, in which they and the encoder's output all see each other (as in MAE). */
        SELF_ATTENTION {
            @Override
            <T extends TFloating> Predictor<T> create(Parameters<T> params, VitConfig config, Encoder<T> encoder) {
                return SelfAttention.create(params, config);
            }
        },
        /** In the encoder itself (as in BEiT and iBOT); there are no other blocks. */
        FUSED {
            @Override
            <T extends TFloating> Predictor<T> create(Parameters<T> params, VitConfig config, Encoder<T> encoder) {
                return Fused.create(params, config, encoder);
            }

            @Override
            void check(int encoderDim, int dim, int depth) {
                if (depth != 0 || dim != encoderDim) {
                    throw new IllegalArgumentException(
                            "a fused predictor is the encoder itself: predictor_depth must be 0"
                                    + " and predictor_dim be dim, which is " + encoderDim + ", were " + depth + " and "
                                    + dim);
                }
            }
        };

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Declares it. */
        abstract <T extends TFloating> Predictor<T> create(Parameters<T> params, VitConfig config, Encoder<T> encoder);

        /** Refuses sizes that it cannot have. */
        void check(int encoderDim, int dim, int depth) {
            if (depth < 1) {
                throw new IllegalArgumentException("predictor_depth must be at least 1, was " + depth);
            }
        }
    }
}
