package org.capi.train.config;

import java.util.Locale;

/** What a periodic evaluation measures. */
public enum Probe {
    KNN;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
