package org.capi.train.config;

import java.util.Locale;

/** What stands behind the predictor: a linear map, an MLP before it, or nothing. */
public enum StudentHead {
    LINEAR,
    MLP,
    IDENTITY;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
