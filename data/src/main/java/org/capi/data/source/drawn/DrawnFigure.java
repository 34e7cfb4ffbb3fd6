package org.capi.data.source.drawn;

import java.util.List;
import java.util.function.DoubleBinaryOperator;
import org.capi.data.CounterRandom;

/**
 * A class of the embedded set: an outline around the origin, inside the unit circle, and a pattern that fills it.
 *
 * @param label its index in {@link #ALL}
 * @param pattern the part of the second colour, from 0 to 1, at a point
 */
record DrawnFigure(int label, String className, Outline outline, DoubleBinaryOperator pattern) {

    private static final double[] TRIANGLE = directions(3, 60);
    private static final double[] PENTAGRAM = directions(5, 36);
    private static final double[] HEXAGON = directions(6, 30);
    private static final double[] PETALS = directions(5, 0);

    /** Every class, in the order of the labels. */
    static final List<DrawnFigure> ALL = List.of(
            new DrawnFigure(
                    0, "ringed_disk", (u, v) -> u * u + v * v < 1, (u, v) -> half(2.6 * Math.sqrt(u * u + v * v))),
            new DrawnFigure(
                    1,
                    "checked_square",
                    (u, v) -> Math.max(Math.abs(u), Math.abs(v)) < 0.8,
                    (u, v) -> half(1.4 * u) == half(1.4 * v) ? 1 : 0),
            new DrawnFigure(2, "striped_triangle", (u, v) -> within(TRIANGLE, u, v, 0.5) == 3, (u, v) -> half(2.2 * u)),
            new DrawnFigure( // inside four of the five lines that make a pentagram
                    3,
                    "shaded_star",
                    (u, v) -> within(PENTAGRAM, u, v, 0.309) >= 4,
                    (u, v) -> Math.min(1, Math.max(0, 0.5 + 0.6 * v))),
            new DrawnFigure(4, "dotted_ring", DrawnFigure::ring, DrawnFigure::dots),
            new DrawnFigure(
                    5,
                    "hatched_cross",
                    DrawnFigure::cross,
                    (u, v) -> fraction(2.8 * (u + v)) < 0.3 || fraction(2.8 * (u - v)) < 0.3 ? 1 : 0),
            new DrawnFigure(
                    6,
                    "speckled_crescent",
                    (u, v) -> u * u + v * v < 1 && (u - 0.55) * (u - 0.55) + v * v > 0.5,
                    (u, v) -> noise((long) Math.floor(7 * u), (long) Math.floor(7 * v)) < 0.45 ? 1 : 0),
            new DrawnFigure(7, "spoked_flower", DrawnFigure::flower, DrawnFigure::spokes),
            new DrawnFigure(8, "bricked_hexagon", (u, v) -> within(HEXAGON, u, v, 0.866) == 6, DrawnFigure::bricks),
            new DrawnFigure(
                    9,
                    "zigzag_heart",
                    DrawnFigure::heart,
                    (u, v) -> half(2 * v + 1.4 * Math.abs(fraction(1.6 * u) - 0.5))));

    interface Outline {
        boolean contains(double u, double v);
    }

    private static boolean ring(double u, double v) {
        double square = u * u + v * v;
        return square > 0.25 && square < 1;
    }

    private static boolean cross(double u, double v) {
        double a = Math.abs(u);
        double b = Math.abs(v);
        return Math.min(a, b) < 0.33 && Math.max(a, b) < 0.95;
    }

    private static boolean flower(double u, double v) {
        for (int petal = 0; petal < 5; petal++) {
            double du = u - 0.58 * PETALS[2 * petal];
            double dv = v - 0.58 * PETALS[2 * petal + 1];
            if (du * du + dv * dv < 0.16) {
                return true;
            }
        }
        return u * u + v * v < 0.2;
    }

    /** (x² + y² - 1)³ < x² y³. */
    private static boolean heart(double u, double v) {
        double x = 1.2 * u;
        double y = 1.2 * v;
        double circle = x * x + y * y - 1;
        return circle * circle * circle < x * x * y * y * y;
    }

    /** How many of the lines at a distance from the origin have the point on the origin's side. */
    private static int within(double[] normals, double u, double v, double distance) {
        int count = 0;
        for (int i = 0; i < normals.length; i += 2) {
            count += normals[i] * u + normals[i + 1] * v < distance ? 1 : 0;
        }
        return count;
    }

    private static double[] directions(int count, double firstDegrees) {
        double[] directions = new double[2 * count];
        for (int i = 0; i < count; i++) {
            double angle = StrictMath.toRadians(firstDegrees + 360.0 * i / count);
            directions[2 * i] = StrictMath.cos(angle);
            directions[2 * i + 1] = StrictMath.sin(angle);
        }
        return directions;
    }

    private static double dots(double u, double v) {
        double du = fraction(2.6 * u) - 0.5;
        double dv = fraction(2.6 * v) - 0.5;
        return du * du + dv * dv < 0.09 ? 1 : 0;
    }

    /** Sectors of a quarter turn's sixth, by the angle around a square instead of a circle. */
    private static double spokes(double u, double v) {
        double around = v / (Math.abs(u) + Math.abs(v) + 1e-9);
        return half(1.5 * (u < 0 ? 2 - around : around));
    }

    private static double bricks(double u, double v) {
        double course = 2.6 * v;
        double shift = half(course / 2) * 0.5;
        return fraction(course) < 0.25 || fraction(1.5 * u + shift) < 0.16 ? 1 : 0;
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
        return (CounterRandom.mix(CounterRandom.mix(column) + row) >>> 11) * 0x1.0p-53;
    }

    static double fraction(double value) {
        return value - Math.floor(value);
    }

    private static double half(double value) {
        return fraction(value) < 0.5 ? 0 : 1;
    }

    private static double smooth(double t) {
        return t * t * (3 - 2 * t);
    }
}
