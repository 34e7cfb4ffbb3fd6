package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Parameters;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** An encoder of whole images, as probes use it. */
public sealed interface FrozenEncoder<T extends TFloating> permits VisionTransformer, PooledVit {

    /**
     * What probes use, of normalised images {@code [batch, height, width, 3]}, and the normed patches of layers: 0 is
     * what the encoder starts from, {@code depth} its last block.
     */
    FrozenFeatures<T> features(Ops tf, Operand<TFloat32> images, List<Integer> layers);

    /** The sizes of an encoder with the three outputs. */
    public sealed interface Config permits VitConfig, PooledVit.Config {

        /** The side of a patch in pixels. */
        int patchSize();

        /** The width. */
        int dim();

        /** Blocks. */
        int depth();

        /** Attention heads of a block. */
        int heads();

        /** Learned tokens before the patches that are an output. */
        int registers();

        /** The width of the vector for a whole image. */
        int globalDim();

        /** What that vector is, in words. */
        String globalMeaning();

        /** What the pixels are brought to. */
        Normalization normalization();

        /** Declares every weight. */
        <T extends TFloating> FrozenEncoder<T> encoder(Parameters<T> params);
    }

    /**
     * What a frozen encoder gives for whole images.
     *
     * @param global mean over all positions of the predictor's first block, or of the patches under a fused predictor,
     *     which has none: {@code [batch, predictorDim]}
     * @param registers {@code [batch, registers, dim]}
     * @param featureMap {@code [batch, height / patchSize, width / patchSize, dim]}
     * @param layers likewise, after each requested block of the encoder
     */
    public record FrozenFeatures<T extends TFloating>(
            Operand<T> global, Operand<T> registers, Operand<T> featureMap, List<Operand<T>> layers) {

        /** Keeps an unmodifiable copy. */
        public FrozenFeatures {
            layers = List.copyOf(layers);
        }
    }
}
