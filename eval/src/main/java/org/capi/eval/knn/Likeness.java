package org.capi.eval.knn;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What makes features alike. */
public enum Likeness {
    /** The cosine of their angle. */
    COSINE,
    /** Their Euclidean distance. */
    L2;

    /** The one of this name, such as {@code cosine}. */
    public static Likeness named(String name) {
        for (Likeness likeness : values()) {
            if (likeness.toString().equals(name)) {
                return likeness;
            }
        }
        String known = Arrays.stream(values()).map(Likeness::toString).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("likeness must be one of " + known + ", was " + name);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
