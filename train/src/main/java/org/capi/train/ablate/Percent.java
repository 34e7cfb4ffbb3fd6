package org.capi.train.ablate;

import java.util.Locale;

/** Fractions as texts in per cent. */
final class Percent {

    private Percent() {}

    /** {@code 42.1 %}. */
    static String of(double fraction) {
        return plain(fraction) + " %";
    }

    /** {@code 42.1}. */
    static String plain(double fraction) {
        return String.format(Locale.ROOT, "%.1f", 100 * fraction);
    }
}
