package org.capi.train.config;

import java.util.Locale;

/**
 * What the student says of a patch: which prototypes of a trained clustering it is assigned to, or which of a head that
 * follows the student's, or the target itself.
 */
public enum Objective {
    CLUSTERING,
    IBOT,
    DIRECT;

    /** Whether targets are assignments to prototypes. */
    public boolean assigns() {
        return this != DIRECT;
    }

    /** Whether a clustering is trained beside the student. */
    public boolean clusters() {
        return this == CLUSTERING;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
