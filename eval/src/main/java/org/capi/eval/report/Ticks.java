package org.capi.eval.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Round numbers along an axis: multiples of 1, 2 or 5 times a power of ten.
 *
 * @param least the axis begins here
 * @param most and ends here
 */
record Ticks(double least, double most, double distance) {

    /** What there is room for beside an axis. */
    private static final int MAX_LETTERS = 6;

    /** An axis that all values lie on, with about so many ticks. */
    static Ticks spanning(double[] values, int count) {
        double least = Arrays.stream(values).min().orElse(0);
        double most = Arrays.stream(values).max().orElse(1);
        if (most == least) {
            double room = Math.max(Math.abs(least) / 2, 0.5);
            least -= room;
            most += room;
        }
        double distance = round((most - least) / count);
        return new Ticks(Math.floor(least / distance) * distance, Math.ceil(most / distance) * distance, distance);
    }

    /** Where the ticks are. */
    List<Double> values() {
        List<Double> values = new ArrayList<>();
        for (long i = Math.round(least / distance); i <= Math.round(most / distance); i++) {
            values.add(i * distance);
        }
        return values;
    }

    /** How far along the axis a value lies, 0 to 1. */
    double share(double value) {
        return (value - least) / (most - least);
    }

    /** The number with as many digits as the distance has; a long one with a power of ten. */
    String label(double value) {
        String plain = plain(value);
        boolean longest = values().stream().anyMatch(one -> plain(one).length() > MAX_LETTERS);
        if (!longest || value == 0) {
            return longest ? "0" : plain;
        }
        int power = (int) Math.ceil(Math.log10(Math.max(Math.abs(least), Math.abs(most))) - 1e-9) - 1;
        double factor = Math.pow(10, power);
        return new Ticks(least / factor, most / factor, distance / factor).plain(value / factor) + "e" + power;
    }

    private String plain(double value) {
        int digits = (int) Math.max(0, -Math.floor(Math.log10(distance) + 1e-9));
        return BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP).toPlainString();
    }

    private static double round(double distance) {
        double power = Math.pow(10, Math.floor(Math.log10(distance)));
        double leading = distance / power;
        double rounded = leading <= 1 ? 1 : leading <= 2 ? 2 : leading <= 5 ? 5 : 10;
        return rounded * power;
    }
}
