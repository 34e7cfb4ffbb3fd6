package org.capi.train.config;

import java.util.Locale;

/** Where targets come from: the student's moving average, an encoder that never changes, or the pixels of the patch. */
public enum Targets {
    EMA,
    FROZEN,
    PIXELS;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
