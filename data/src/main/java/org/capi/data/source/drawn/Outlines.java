package org.capi.data.source.drawn;

/** Plane figures around the origin that fit into the unit circle: whether a point is inside. */
final class Outlines {

    private static final double[] TRIANGLE = directions(3, 60);
    private static final double[] PENTAGRAM = directions(5, 36);
    private static final double[] HEXAGON = directions(6, 30);
    private static final double[] PETALS = directions(5, 0);

    private Outlines() {}

    static boolean disk(double u, double v) {
        return u * u + v * v < 1;
    }

    static boolean square(double u, double v) {
        return Math.max(Math.abs(u), Math.abs(v)) < 0.8;
    }

    static boolean triangle(double u, double v) {
        return within(TRIANGLE, u, v, 0.5) == 3;
    }

    /** Inside four of the five lines that make a pentagram. */
    static boolean star(double u, double v) {
        return within(PENTAGRAM, u, v, 0.309) >= 4;
    }

    static boolean ring(double u, double v) {
        double square = u * u + v * v;
        return square > 0.25 && square < 1;
    }

    static boolean cross(double u, double v) {
        double a = Math.abs(u);
        double b = Math.abs(v);
        return Math.min(a, b) < 0.33 && Math.max(a, b) < 0.95;
    }

    static boolean crescent(double u, double v) {
        double fromHole = (u - 0.55) * (u - 0.55) + v * v;
        return u * u + v * v < 1 && fromHole > 0.5;
    }

    static boolean flower(double u, double v) {
        for (int petal = 0; petal < 5; petal++) {
            double du = u - 0.58 * PETALS[2 * petal];
            double dv = v - 0.58 * PETALS[2 * petal + 1];
            if (du * du + dv * dv < 0.16) {
                return true;
            }
        }
        return u * u + v * v < 0.2;
    }

    static boolean hexagon(double u, double v) {
        return within(HEXAGON, u, v, 0.866) == 6;
    }

    /** (x² + y² - 1)³ < x² y³. */
    static boolean heart(double u, double v) {
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
}
