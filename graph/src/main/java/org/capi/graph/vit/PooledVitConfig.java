package org.capi.graph.vit;

import org.capi.graph.Parameters;
import org.capi.graph.layer.FeedForward;
import org.capi.graph.layer.LayerNorm;
import org.capi.graph.layer.Linear;
import org.capi.graph.layer.Mlp;
import org.capi.graph.layer.Norm;
import org.capi.graph.layer.RmsNorm;
import org.capi.graph.layer.SwiGlu;
import org.tensorflow.types.family.TFloating;

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
public record PooledVitConfig(
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
        implements EncoderConfig {

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
    public PooledVitConfig {
        if (Math.min(Math.min(patchSize, dim), Math.min(hiddenDim, depth)) < 1
                || Math.min(Math.min(rows, columns), heads) < 1
                || registers < 0) {
            throw new IllegalArgumentException("every size of an encoder must be at least 1, were patch " + patchSize
                    + ", width " + dim + ", hidden width " + hiddenDim + ", blocks " + depth + ", heads " + heads
                    + ", grid " + rows + " x " + columns + ", registers " + registers);
        }
        if (dim % heads != 0 || dim / heads % 4 != 0) {
            throw new IllegalArgumentException("heads must divide width " + dim + " into multiples of 4, was " + heads);
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
