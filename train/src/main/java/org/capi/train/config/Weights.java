package org.capi.train.config;

import java.util.Locale;

/** Which copy of the model is evaluated or exported. */
public enum Weights {
    TEACHER,
    STUDENT;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
