package org.capi.data.source.drawn;

import org.capi.data.SeededDraws;

/** Fillings of a figure: how much of the second colour, from 0 to 1, a point has. */
final class Patterns {

    private Patterns() {}

    static double rings(double u, double v) {
        return half(2.6 * Math.sqrt(u * u + v * v));
    }

    static double checks(double u, double v) {
        return half(1.4 * u) == half(1.4 * v) ? 1 : 0;
    }

    static double stripes(double u, double v) {
        return half(2.2 * u);
    }

    static double shading(double u, double v) {
        return Math.min(1, Math.max(0, 0.5 + 0.6 * v));
    }

    static double dots(double u, double v) {
        double du = fraction(2.6 * u) - 0.5;
        double dv = fraction(2.6 * v) - 0.5;
        return du * du + dv * dv < 0.09 ? 1 : 0;
    }

    static double hatching(double u, double v) {
        return fraction(2.8 * (u + v)) < 0.3 || fraction(2.8 * (u - v)) < 0.3 ? 1 : 0;
    }

    static double speckles(double u, double v) {
        return noise((long) Math.floor(7 * u), (long) Math.floor(7 * v)) < 0.45 ? 1 : 0;
    }

    /** Sectors of a quarter turn's sixth, by the angle around a square instead of a circle. */
    static double spokes(double u, double v) {
        double around = v / (Math.abs(u) + Math.abs(v) + 1e-9);
        return half(1.5 * (u < 0 ? 2 - around : around));
    }

    static double bricks(double u, double v) {
        double course = 2.6 * v;
        double shift = half(course / 2) * 0.5;
        return fraction(course) < 0.25 || fraction(1.5 * u + shift) < 0.16 ? 1 : 0;
    }

    static double zigzag(double u, double v) {
        return half(2 * v + 1.4 * Math.abs(fraction(1.6 * u) - 0.5));
    }

    /** A smooth random surface of hills one unit apart. */
    static double hills(long seed, double x, double y) {
        long column = (long) Math.floor(x);
        long row = (long) Math.floor(y);
        double fx = smooth(x - column);
        double fy = smooth(y - row);
        double top = noise(seed + column, row) * (1 - fx) + noise(seed + column + 1, row) * fx;
        double bottom = noise(seed + column, row + 1) * (1 - fx) + noise(seed + column + 1, row + 1) * fx;
        return top * (1 - fy) + bottom * fy;
    }

    /** A random number of a cell, from 0 to 1. */
    static double noise(long column, long row) {
        return (SeededDraws.mix(SeededDraws.mix(column) + row) >>> 11) * 0x1.0p-53;
    }

    static double fraction(double value) {
        return value - Math.floor(value);
    }

    static double half(double value) {
        return fraction(value) < 0.5 ? 0 : 1;
    }

    private static double smooth(double t) {
        return t * t * (3 - 2 * t);
    }
}
