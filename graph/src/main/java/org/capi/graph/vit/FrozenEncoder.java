package org.capi.graph.vit;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** An encoder of whole images, as probes use it. */
public sealed interface FrozenEncoder<T extends TFloating> permits VisionTransformer, PooledVit {

    /**
     * What probes use, of normalised images {@code [batch, height, width, 3]}, and the normed patches of layers: 0 is what
     * the encoder starts from, {@code depth} its last block.
     */
    Features<T> features(Ops tf, Operand<TFloat32> images, List<Integer> layers);
}
