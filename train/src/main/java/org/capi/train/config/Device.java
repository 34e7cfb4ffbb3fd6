package org.capi.train.config;

import java.util.Locale;

/** Where a step runs: on the first GPU if there is one, on the CPU, or on a GPU and nowhere else. */
public enum Device {
    AUTO,
    CPU,
    GPU;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
