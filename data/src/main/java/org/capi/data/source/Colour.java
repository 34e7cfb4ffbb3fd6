package org.capi.data.source;

import org.capi.data.Draws;

/** A colour, each part from 0 to 255. */
record Colour(double red, double green, double blue) {

    static Colour draw(Draws draws) {
        return new Colour(draws.uniform(0, 255), draws.uniform(0, 255), draws.uniform(0, 255));
    }

    /** A colour at least so far from each of the others; the distance shrinks where there is no room. */
    static Colour drawApart(Draws draws, double distance, Colour... others) {
        double wanted = distance;
        while (true) {
            Colour colour = draw(draws);
            boolean apart = true;
            for (Colour other : others) {
                apart &= colour.distance(other) >= wanted;
            }
            if (apart) {
                return colour;
            }
            wanted *= 0.95;
        }
    }

    Colour mix(Colour other, double part) {
        return new Colour(
                red + (other.red - red) * part,
                green + (other.green - green) * part,
                blue + (other.blue - blue) * part);
    }

    private double distance(Colour other) {
        double r = red - other.red;
        double g = green - other.green;
        double b = blue - other.blue;
        return Math.sqrt(r * r + g * g + b * b);
    }
}
