package org.capi.train.config;

import java.util.Locale;

/** How a branch is dropped: for a fixed share of the batch, whose rows are not computed, or for each row by chance. */
public enum StochasticDepthKind {
    EFFICIENT,
    NAIVE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
