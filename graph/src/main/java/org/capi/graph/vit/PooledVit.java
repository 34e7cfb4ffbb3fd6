package org.capi.graph.vit;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Initializer;
import org.capi.graph.Parameter.Role;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.layer.Attention;
import org.capi.graph.layer.Attention.Projections;
import org.capi.graph.layer.FeedForward;
import org.capi.graph.layer.FeedForward.Mlp;
import org.capi.graph.layer.FeedForward.SwiGlu;
import org.capi.graph.layer.Linear;
import org.capi.graph.layer.Norm;
import org.capi.graph.layer.Norm.LayerNorm;
import org.capi.graph.layer.Norm.RmsNorm;
import org.capi.graph.layer.Rope;
import org.capi.graph.layer.Rotation;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.layer.Transformer;
import org.capi.graph.layer.Transformer.Block;
import org.capi.graph.vit.FrozenEncoder.FrozenFeatures;
import org.capi.graph.vit.PositionEmbedding.BicubicGrid;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * An encoder without predictor, under the names of the library birder, whose models were pretrained with CAPI too.
 *
 * <p>Tokens are registers, a class token if there is one, and patches; a learned position is added to them, and rotary
 * ones turn queries and keys of patches by whole numbers of patches. Projections have biases, queries, keys and values
 * one map, and the last norm a gain.
 *
 * @param special registers and class token {@code [1, tokens, dim]}
 * @param positions what is added to the patches
 * @param norm of the last block's output
 */
public record PooledVit<T extends TFloating>(
        Linear<T> patchEmbedding,
        Operand<T> special,
        BicubicGrid positions,
        Transformer<T> transformer,
        Norm norm,
        Config config)
        implements FrozenEncoder<T> {

    private static final double ROTARY_BASE = 100;

    static <T extends TFloating> PooledVit<T> create(Parameters<T> params, Config config) {
        Ops tf = params.ops();
        int dim = config.dim();
        int pixels = 3 * config.patchSize() * config.patchSize();
        var embed = params.in("conv_proj");
        Operand<T> kernel = embed.declare(
                "weight",
                Role.PATCH_EMBED,
                Shape.of(dim, 3, config.patchSize(), config.patchSize()),
                Initializer.XAVIER_UNIFORM);
        Operand<T> bias = embed.declare("bias", Role.PATCH_EMBED_BIAS, Shape.of(dim), Initializer.ZEROS);
        var rows = tf.reshape(kernel, tf.constant(new int[] {dim, pixels}));
        int patches = config.rows() * config.columns();
        int positioned = config.everyTokenHasPosition() ? config.specialTokens() : 0;
        Operand<TFloat32> positions = tf.reshape(
                params.declareFloat32(
                        "pos_embedding",
                        Role.TOKEN,
                        Shape.of(1, positioned + patches, dim),
                        Initializer.normal(Registers.TOKEN_DEVIATION)),
                tf.constant(new int[] {positioned + patches, dim}));
        var parts = tf.splitV(positions, tf.constant(new int[] {positioned, patches}), tf.constant(0), 2L)
                .output();
        Operand<T> special = special(params, config);
        return new PooledVit<>(
                new Linear<>(rows, bias),
                positioned == 0 ? special : tf.math.add(special, Tensors.cast(tf, parts.get(0), special.type())),
                new BicubicGrid(parts.get(1), config.rows(), config.columns()),
                transformer(params.in("encoder"), config),
                config.norms().create(params.in("norm"), dim),
                config);
    }

    private static <T extends TFloating> Operand<T> special(Parameters<T> params, Config config) {
        List<Operand<T>> tokens = new ArrayList<>();
        if (config.registers() > 0) {
            tokens.add(Registers.token(params, "reg_tokens", Shape.of(1, config.registers(), config.dim())));
        }
        if (config.pooling() == Config.Pooling.CLASS_TOKEN) {
            tokens.add(Registers.token(params, "class_token", Shape.of(1, 1, config.dim())));
        }
        Ops tf = params.ops();
        return switch (tokens.size()) {
            case 0 -> tf.zeros(tf.constant(new int[] {1, 0, config.dim()}), params.type());
            case 1 -> tokens.get(0);
            default -> tf.concat(tokens, tf.constant(1));
        };
    }

    private static <T extends TFloating> Transformer<T> transformer(Parameters<T> params, Config config) {
        int dim = config.dim();
        Rotation rotation = Rope.ofNeighbours(params.ops(), dim / config.heads(), ROTARY_BASE);
        List<Block<T>> blocks = new ArrayList<>();
        for (int i = 0; i < config.depth(); i++) {
            var block = params.in("block." + i);
            var attention = block.in("attn");
            blocks.add(new Block<>(
                    config.norms().create(block.in("norm1"), dim),
                    new Attention<>(
                            Projections.Fused.create(attention.in("qkv"), dim),
                            Linear.createWithBias(attention.in("proj"), dim, dim),
                            rotation,
                            config.heads(),
                            params.plan().fusedAttention()),
                    config.norms().create(block.in("norm2"), dim),
                    config.feedForward().create(block.in("mlp"), dim, config.hiddenDim()),
                    block.prefix()));
        }
        return new Transformer<>(blocks);
    }

    @Override
    public FrozenFeatures<T> features(Ops tf, Operand<TFloat32> images, List<Integer> layers) {
        var grid = PatchEmbedding.Grid.of(tf, images, config.patchSize());
        var states = transformer.states(tf, tokens(tf, images, grid), coords(tf, grid), StochasticDepth.NONE);
        Operand<T> encoded = norm.apply(tf, states.get(config.depth()));
        return new FrozenFeatures<>(
                global(tf, encoded),
                tf.stridedSlice(encoded, Indices.all(), Indices.sliceTo(config.registers()), Indices.all()),
                map(tf, images, grid, encoded),
                layers.stream()
                        .map(layer -> map(tf, images, grid, norm.apply(tf, states.get(layer))))
                        .toList());
    }

    /** {@code [batch, special + patches, dim]}. */
    private Operand<T> tokens(Ops tf, Operand<TFloat32> images, PatchEmbedding.Grid grid) {
        var patches = PatchEmbedding.patches(tf, images, config.patchSize());
        Operand<T> embedded = patchEmbedding.apply(tf, Tensors.cast(tf, patches, special.type()));
        var placed = tf.math.add(embedded, Tensors.cast(tf, positions.resized(tf, grid), special.type()));
        var sizes =
                List.of(Tensors.size(tf, images, 0), tf.constant(config.specialTokens()), tf.constant(config.dim()));
        return tf.concat(List.of(tf.broadcastTo(special, tf.stack(sizes)), placed), tf.constant(1));
    }

    /** Rows and columns of all tokens, 0 for those that are no patches: {@code [1, special + patches, 2]}. */
    private Operand<TFloat32> coords(Ops tf, PatchEmbedding.Grid grid) {
        Operand<TFloat32> none = tf.constant(new float[config.specialTokens()][2]);
        Operand<TFloat32> all = config.specialTokens() == 0
                ? grid.indices(tf)
                : tf.concat(List.of(none, grid.indices(tf)), tf.constant(0));
        return tf.expandDims(all, tf.constant(0));
    }

    private Operand<T> global(Ops tf, Operand<T> encoded) {
        return switch (config.pooling()) {
            case CLASS_TOKEN ->
                tf.squeeze(
                        tf.stridedSlice(
                                encoded,
                                Indices.all(),
                                Indices.slice(config.registers(), config.registers() + 1),
                                Indices.all()),
                        Squeeze.axis(List.of(1L)));
            case PATCH_MEAN -> tf.math.mean(patches(tf, encoded), tf.constant(1));
        };
    }

    private Operand<T> patches(Ops tf, Operand<T> tokens) {
        return tf.stridedSlice(tokens, Indices.all(), Indices.sliceFrom(config.specialTokens()), Indices.all());
    }

    /** {@code [batch, special + patches, dim] -> [batch, rows, columns, dim]}. */
    private Operand<T> map(Ops tf, Operand<TFloat32> images, PatchEmbedding.Grid grid, Operand<T> tokens) {
        var sizes = List.of(Tensors.size(tf, images, 0), grid.rows(), grid.columns(), tf.constant(config.dim()));
        return Tensors.reshape(tf, patches(tf, tokens), sizes);
    }

    /**
     * The sizes and the variant of a {@link PooledVit}.
     *
     * @param patchSize side of a patch in pixels
     * @param dim width
     * @param hiddenDim width inside of the feed-forward layers
     * @param depth blocks
     * @param heads attention heads of a block
     * @param registers learned tokens before the patches, besides a class token
     * @param rows patches of the training images from top to bottom
     * @param columns likewise from left to right
     * @param pooling what stands for the whole image
     * @param norms how vectors are brought to one size
     * @param feedForward what a block does to each token
     * @param everyTokenHasPosition whether registers and class token have learned positions too
     */
    public record Config(
            int patchSize,
            int dim,
            int hiddenDim,
            int depth,
            int heads,
            int registers,
            int rows,
            int columns,
            Pooling pooling,
            Norms norms,
            FeedForwards feedForward,
            boolean everyTokenHasPosition,
            Normalization normalization)
            implements FrozenEncoder.Config {

        private static final float EPSILON = 1e-6f;

        /** What stands for the whole image, taken after the last norm. */
        public enum Pooling {
            /** A learned token of its own. */
            CLASS_TOKEN,
            /** The mean over the patches. */
            PATCH_MEAN
        }

        /** How vectors are brought to one size. */
        public enum Norms {
            /** By mean and variance. */
            LAYER {
                @Override
                Norm create(Parameters<?> params, int dim) {
                    return LayerNorm.create(params, dim, EPSILON);
                }
            },
            /** By the root mean square. */
            RMS {
                @Override
                Norm create(Parameters<?> params, int dim) {
                    return RmsNorm.create(params, dim, EPSILON);
                }
            };

            abstract Norm create(Parameters<?> params, int dim);
        }

        /** What a block does to each token. */
        public enum FeedForwards {
            /** Two maps with a GELU between them. */
            GELU {
                @Override
                <T extends TFloating> FeedForward<T> create(Parameters<T> params, int dim, int hiddenDim) {
                    return new Mlp<>(
                            Linear.createWithBias(params.in("0"), dim, hiddenDim),
                            Linear.createWithBias(params.in("3"), hiddenDim, dim));
                }
            },
            /** A gated layer. */
            SWIGLU {
                @Override
                <T extends TFloating> FeedForward<T> create(Parameters<T> params, int dim, int hiddenDim) {
                    return SwiGlu.create(params, dim, hiddenDim);
                }
            };

            abstract <T extends TFloating> FeedForward<T> create(Parameters<T> params, int dim, int hiddenDim);
        }

        /** Checks the sizes against each other. */
        public Config {
            if (Math.min(Math.min(patchSize, dim), Math.min(hiddenDim, depth)) < 1
                    || Math.min(Math.min(rows, columns), heads) < 1
                    || registers < 0) {
                throw new IllegalArgumentException("every size of an encoder must be at least 1, were patch "
                        + patchSize
                        + ", width " + dim + ", hidden width " + hiddenDim + ", blocks " + depth + ", heads " + heads
                        + ", grid " + rows + " x " + columns + ", registers " + registers);
            }
            if (dim % heads != 0 || dim / heads % 4 != 0) {
                throw new IllegalArgumentException(
                        "heads must divide width " + dim + " into multiples of 4, was " + heads);
            }
        }

        /** Registers and the class token. */
        int specialTokens() {
            return registers + (pooling == Pooling.CLASS_TOKEN ? 1 : 0);
        }

        @Override
        public int globalDim() {
            return dim;
        }

        @Override
        public String globalMeaning() {
            return switch (pooling) {
                case CLASS_TOKEN -> "the class token after the last norm";
                case PATCH_MEAN -> "the mean over the patches after the last norm";
            };
        }

        @Override
        public <T extends TFloating> PooledVit<T> encoder(Parameters<T> params) {
            return PooledVit.create(params, this);
        }
    }
}
