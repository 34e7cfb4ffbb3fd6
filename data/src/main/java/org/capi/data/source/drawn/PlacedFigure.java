package org.capi.data.source.drawn;

import org.capi.data.Draws;

/**
 * A figure somewhere in an image.
 *
 * @param cosine of its turn, with its {@code sine}, both divided by its radius in pixels
 */
record PlacedFigure(
        Figure figure, double x, double y, double cosine, double sine, boolean mirrored, Colour first, Colour second) {

    static PlacedFigure draw(Figure figure, double radius, int size, Draws draws, Colour first, Colour second) {
        double angle = draws.uniform(0, 2 * Math.PI);
        double margin = 0.75 * radius;
        return new PlacedFigure(
                figure,
                draws.uniform(margin, size - margin),
                draws.uniform(margin, size - margin),
                StrictMath.cos(angle) / radius,
                StrictMath.sin(angle) / radius,
                draws.below(2) == 1,
                first,
                second);
    }

    boolean contains(double px, double py) {
        double u = u(px, py);
        double v = v(px, py);
        return u * u + v * v < 2 && figure.outline().contains(u, v);
    }

    Colour at(double px, double py) {
        return first.mix(second, figure.pattern().at(u(px, py), v(px, py)));
    }

    private double u(double px, double py) {
        double u = cosine * (px - x) + sine * (py - y);
        return mirrored ? -u : u;
    }

    private double v(double px, double py) {
        return cosine * (py - y) - sine * (px - x);
    }
}
