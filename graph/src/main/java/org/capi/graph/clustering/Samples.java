package org.capi.graph.clustering;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Which tokens share one Sinkhorn-Knopp normalisation. */
public enum Samples {
    /** The tokens of one position over the batch, each position on its own (CAPI's modification). */
    POSITIONWISE {
        @Override
        Operand<TFloat32> arrange(Ops tf, Operand<TFloat32> logits) {
            return logits;
        }
    },
    /** All tokens of all images together. */
    STANDARD {
        @Override
        Operand<TFloat32> arrange(Ops tf, Operand<TFloat32> logits) {
            long prototypes = logits.shape().get(-1);
            return tf.reshape(logits, tf.constant(new long[] {-1, prototypes}));
        }
    };

    /** {@code [..., samples, prototypes]} with the independent problems along the leading axes. */
    abstract Operand<TFloat32> arrange(Ops tf, Operand<TFloat32> logits);
}
