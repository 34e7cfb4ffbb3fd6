package org.capi.graph.vit;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/**
 * What a frozen encoder gives for whole images.
 *
 * @param global mean over all positions of the predictor's first block, or of the patches under a fused predictor, which
 *     has none: {@code [batch, predictorDim]}
 * @param registers {@code [batch, registers, dim]}
 * @param featureMap {@code [batch, height / patchSize, width / patchSize, dim]}
 * @param layers likewise, after each of the encoder's blocks that were asked for
 */
public record Features<T extends TFloating>(
        Operand<T> global, Operand<T> registers, Operand<T> featureMap, List<Operand<T>> layers) {

    /** Keeps an unmodifiable copy. */
    public Features {
        layers = List.copyOf(layers);
    }
}
