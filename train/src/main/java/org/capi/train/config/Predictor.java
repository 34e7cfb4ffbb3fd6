package org.capi.train.config;

import java.util.Locale;

/** Where mask tokens meet what is visible: in blocks of their own, attending to it or together with it, or in the encoder. */
public enum Predictor {
    CROSS_ATTENTION,
    SELF_ATTENTION,
    FUSED;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
