package org.capi.train.config;

import java.util.Locale;

/** Which patches are hidden from the encoder: any, a block of them, or all but a block. */
public enum Mask {
    UNIFORM,
    BLOCK,
    INVERSE_BLOCK;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
