package org.capi.graph.vit;

import org.capi.graph.Parameters;
import org.tensorflow.types.family.TFloating;

/** The sizes of an encoder with the three outputs. */
public sealed interface EncoderConfig permits VitConfig, PooledVitConfig {

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
