package org.capi.train.config;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The name that was probably meant: the one with the fewest changed letters. */
public final class Nearest {

    private Nearest() {}

    /** The nearest of the known names, or null when none is near. */
    public static @Nullable String to(String name, Collection<String> known) {
        String nearest = null;
        int fewest = Math.max(2, name.length() / 2) + 1;
        for (String candidate : known) {
            int changes = changes(name, candidate);
            if (changes < fewest || (changes == fewest && nearest != null && candidate.compareTo(nearest) < 0)) {
                nearest = candidate;
                fewest = changes;
            }
        }
        return nearest;
    }

    /** Letters to insert, delete or replace to make one name of the other. */
    static int changes(String from, String to) {
        int[] above = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] row = new int[to.length() + 1];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = above[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[to.length()];
    }
}
