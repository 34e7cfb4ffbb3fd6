package org.capi.train.config;

import java.util.Locale;

/** The number type of the layers; weights and optimizer state stay float32. */
public enum ComputeType {
    FLOAT32,
    BFLOAT16;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
