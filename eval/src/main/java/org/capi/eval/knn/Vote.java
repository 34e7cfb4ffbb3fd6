package org.capi.eval.knn;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How much each neighbour's vote counts. */
public enum Vote {
    /** {@code exp(cosine / temperature)}. */
    WEIGHTED,
    /** One each. */
    PLAIN;

    /** The one of this name, such as {@code plain}. */
    public static Vote named(String name) {
        for (Vote vote : values()) {
            if (vote.toString().equals(name)) {
                return vote;
            }
        }
        String known = Arrays.stream(values()).map(Vote::toString).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("vote must be one of " + known + ", was " + name);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
