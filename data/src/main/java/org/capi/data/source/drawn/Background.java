package org.capi.data.source.drawn;

import org.capi.data.Draws;

/**
 * What lies behind the figures: hills of colour, bands or blotches, turned and scaled at random.
 *
 * @param kind which of the {@link #KINDS} surfaces
 * @param cosine of the turn, with its {@code sine}, both divided by the width of the surface's features in pixels
 */
record Background(int kind, long seed, double cosine, double sine, Colour first, Colour second) {

    private static final int KINDS = 4;

    static Background draw(Draws draws, int size, Colour first, Colour second) {
        double angle = draws.uniform(0, 2 * Math.PI);
        double width = size * draws.uniform(0.08, 0.3);
        return new Background(
                draws.below(KINDS),
                draws.below(Integer.MAX_VALUE),
                StrictMath.cos(angle) / width,
                StrictMath.sin(angle) / width,
                first,
                second);
    }

    Colour at(double x, double y) {
        double u = cosine * x + sine * y;
        double v = cosine * y - sine * x;
        return first.mix(second, surface(u, v));
    }

    private double surface(double u, double v) {
        return switch (kind) {
            case 0 -> Patterns.hills(seed, u, v);
            case 1 -> 0.6 * Patterns.hills(seed, u, v) + 0.4 * Patterns.hills(seed + 7919, 4 * u, 4 * v);
            case 2 -> 2 * Math.abs(Patterns.fraction(0.4 * u + 0.6 * Patterns.hills(seed, 0.5 * u, 0.5 * v)) - 0.5);
            default -> Patterns.hills(seed, u, v) < 0.5 ? 0.15 : 0.85;
        };
    }
}
