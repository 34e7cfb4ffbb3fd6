package org.capi.train.config;

import java.util.Locale;

/** How tokens are told apart by where they are: rotary angles in attention, or a learned vector for each patch. */
public enum Positions {
    ROPE,
    LEARNABLE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
