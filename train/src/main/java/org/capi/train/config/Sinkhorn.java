package org.capi.train.config;

import java.util.Locale;

/** Over which samples Sinkhorn-Knopp balances the prototypes: each position's own, or all of them. */
public enum Sinkhorn {
    POSITIONWISE,
    STANDARD;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
