package org.capi.graph.vit;

import org.capi.graph.Parameters;
import org.tensorflow.types.family.TFloating;

/**
 * The sizes of a vision transformer with a predictor.
 *
 * @param patchSize side of a patch in pixels
 * @param dim width of the encoder
 * @param depth blocks of the encoder
 * @param heads attention heads of the encoder; the predictor's heads have the same width
 * @param registers learned tokens before the patches
 * @param registerCoordinates the coordinates of the registers
 * @param scaleRegistersToVisible whether they are moved into the box of the visible patches
 * @param predictorDim width of the predictor
 * @param predictorDepth blocks of the predictor; 0 for a fused one
 * @param predictor what mask tokens go through
 * @param positions the kind of position information
 */
public record VitConfig(
        int patchSize,
        int dim,
        int depth,
        int heads,
        int registers,
        Registers.Coordinates registerCoordinates,
        boolean scaleRegistersToVisible,
        int predictorDim,
        int predictorDepth,
        Predictor.Kind predictor,
        PositionEmbedding.Kind positions)
        implements FrozenEncoder.Config {

    /** Checks the sizes against each other. */
    public VitConfig {
        atLeast(1, patchSize, "patch_size");
        atLeast(1, dim, "dim");
        atLeast(1, depth, "depth");
        atLeast(1, heads, "heads");
        atLeast(0, registers, "registers");
        atLeast(1, predictorDim, "predictor_dim");
        atLeast(0, predictorDepth, "predictor_depth");
        if (dim % heads != 0) {
            throw new IllegalArgumentException("heads must divide dim " + dim + ", was " + heads);
        }
        if (dim / heads % 4 != 0) {
            throw new IllegalArgumentException("dim / heads must be a multiple of 4, was " + dim / heads);
        }
        if (predictorDim % (dim / heads) != 0) {
            throw new IllegalArgumentException("predictor_dim must be a multiple of the width of a head, " + dim / heads
                    + ", was " + predictorDim);
        }
        registerCoordinates.check(registers);
        predictor.check(dim, predictorDim, predictorDepth);
    }

    /** With the predictor and the positions of the published models. */
    public VitConfig(
            int patchSize,
            int dim,
            int depth,
            int heads,
            int registers,
            Registers.Coordinates registerCoordinates,
            boolean scaleRegistersToVisible,
            int predictorDim,
            int predictorDepth) {
        this(
                patchSize,
                dim,
                depth,
                heads,
                registers,
                registerCoordinates,
                scaleRegistersToVisible,
                predictorDim,
                predictorDepth,
                Predictor.Kind.CROSS_ATTENTION,
                PositionEmbedding.Kind.ROTARY);
    }

    /** Attention heads of the predictor. */
    public int predictorHeads() {
        return predictorDim / (dim / heads);
    }

    @Override
    public int globalDim() {
        return predictorDim;
    }

    @Override
    public String globalMeaning() {
        return switch (predictor) {
            case CROSS_ATTENTION, SELF_ATTENTION -> "the mean over all positions of the predictor's first block";
            case FUSED -> "the mean of its patches";
        };
    }

    @Override
    public Normalization normalization() {
        return Normalization.IMAGENET;
    }

    @Override
    public <T extends TFloating> VisionTransformer<T> encoder(Parameters<T> params) {
        return VisionTransformer.create(params, this);
    }

    private static void atLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + ", was " + value);
        }
    }
}
