package org.capi.train.config;

import java.util.Locale;

/** Where the registers stand: along the border of the image, or all at its origin. */
public enum RegisterCoordinates {
    EDGE,
    ZEROS;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
