package org.capi.graph.vit;

import org.capi.graph.Parameters;
import org.tensorflow.types.family.TFloating;

/** Where mask tokens meet what the encoder made of the visible patches. */
public enum PredictorKind {
    /** In blocks of their own, in which each sees the encoder's output and no other mask token (CAPI). */
    CROSS_ATTENTION {
        @Override
        <T extends TFloating> Predictor<T> create(Parameters<T> params, VitConfig config, Encoder<T> encoder) {
            return CrossAttentionPredictor.create(params, config);
        }
    },
    /** In blocks of their own, in which they and the encoder's output all see each other (as in MAE). */
    SELF_ATTENTION {
        @Override
        <T extends TFloating> Predictor<T> create(Parameters<T> params, VitConfig config, Encoder<T> encoder) {
            return SelfAttentionPredictor.create(params, config);
        }
    },
    /** In the encoder itself (as in BEiT and iBOT); there are no other blocks. */
    FUSED {
        @Override
        <T extends TFloating> Predictor<T> create(Parameters<T> params, VitConfig config, Encoder<T> encoder) {
            return FusedPredictor.create(params, config, encoder);
        }

        @Override
        void check(int encoderDim, int dim, int depth) {
            if (depth != 0 || dim != encoderDim) {
                throw new IllegalArgumentException("a fused predictor is the encoder itself: predictor_depth must be 0"
                        + " and predictor_dim be dim, which is " + encoderDim + ", were " + depth + " and " + dim);
            }
        }
    };

    /** Declares it. */
    abstract <T extends TFloating> Predictor<T> create(Parameters<T> params, VitConfig config, Encoder<T> encoder);

    /** Refuses sizes that it cannot have. */
    void check(int encoderDim, int dim, int depth) {
        if (depth < 1) {
            throw new IllegalArgumentException("predictor_depth must be at least 1, was " + depth);
        }
    }
}
