package org.capi.data.source.drawn;

import org.capi.data.Draws;

/** A colour, each part from 0 to 255. */
record Colour(double red, double green, double blue) {

    /** A colour near another: each part at most so far away. */
    Colour near(Draws draws, double distance) {
        return new Colour(
                red + draws.uniform(-distance, distance),
                green + draws.uniform(-distance, distance),
                blue + draws.uniform(-distance, distance));
    }

    Colour mix(Colour other, double part) {
        return new Colour(
                red + (other.red - red) * part,
                green + (other.green - green) * part,
                blue + (other.blue - blue) * part);
    }
}
