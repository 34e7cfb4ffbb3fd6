package org.capi.train.config;

import java.util.Collection;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.jspecify.annotations.Nullable;

/** The name that was probably meant: the one with the fewest changed letters. */
public final class NearestName {

    private NearestName() {}

    /** The nearest of the known names, the first by the alphabet of several; null when none is near. */
    public static @Nullable String to(String name, Collection<String> known) {
        return within(Math.max(2, name.length() / 2), name, known);
    }

    /** The same with at most so many changed letters. */
    public static @Nullable String within(int most, String name, Collection<String> known) {
        String nearest = null;
        int fewest = most + 1;
        for (String candidate : known) {
            int changes = LevenshteinDistance.getDefaultInstance().apply(name, candidate);
            if (changes < fewest || (changes == fewest && nearest != null && candidate.compareTo(nearest) < 0)) {
                nearest = candidate;
                fewest = changes;
            }
        }
        return nearest;
    }

    /** {@code did you mean X? } with the nearest of the known names; empty when none is near. */
    public static String question(String name, Collection<String> known) {
        String nearest = to(name, known);
        return nearest == null ? "" : "did you mean " + nearest + "? ";
    }
}
