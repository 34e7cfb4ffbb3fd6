package org.capi.eval.search;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What makes rows near. Either is half the square of a length, of rows as they are or scaled to length 1. */
public enum Metric {
    /** {@code 1 - cos}; a row of zeros is at 1 from all. */
    COSINE,
    /** The Euclidean distance. */
    L2;

    /** The metric of this name, such as {@code cosine}. */
    public static Metric named(String name) {
        for (Metric metric : values()) {
            if (metric.toString().equals(name)) {
                return metric;
            }
        }
        String known = Arrays.stream(values()).map(Metric::toString).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("metric must be one of " + known + ", was " + name);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What a row is multiplied with before lengths are taken. */
    double scale(float[] values, int at, int dim) {
        double squares = this == L2 ? 1 : Block.dot(values, at, values, at, dim);
        return squares == 0 ? 0 : 1 / Math.sqrt(squares);
    }

    /** The distance that half a squared length stands for. */
    double distance(double half) {
        return this == COSINE ? half : Math.sqrt(2 * half);
    }
}
