package org.capi.train.config;

import java.util.Locale;

/** What XLA compiles of a step: all of it as one function, the clusters of ops that it finds, or nothing. */
public enum Xla {
    STEP,
    AUTO,
    OFF;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
