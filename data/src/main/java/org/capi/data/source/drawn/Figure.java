package org.capi.data.source.drawn;

import java.util.List;

/**
 * A class of the embedded set: an outline and what fills it.
 *
 * @param label its place in {@link #ALL}
 */
record Figure(int label, String className, Outline outline, Pattern pattern) {

    /** Every class, in the order of the labels. */
    static final List<Figure> ALL = List.of(
            new Figure(0, "ringed_disk", Outlines::disk, Patterns::rings),
            new Figure(1, "checked_square", Outlines::square, Patterns::checks),
            new Figure(2, "striped_triangle", Outlines::triangle, Patterns::stripes),
            new Figure(3, "shaded_star", Outlines::star, Patterns::shading),
            new Figure(4, "dotted_ring", Outlines::ring, Patterns::dots),
            new Figure(5, "hatched_cross", Outlines::cross, Patterns::hatching),
            new Figure(6, "speckled_crescent", Outlines::crescent, Patterns::speckles),
            new Figure(7, "spoked_flower", Outlines::flower, Patterns::spokes),
            new Figure(8, "bricked_hexagon", Outlines::hexagon, Patterns::bricks),
            new Figure(9, "zigzag_heart", Outlines::heart, Patterns::zigzag));

    /** Whether a point is inside. */
    @FunctionalInterface
    interface Outline {
        boolean contains(double u, double v);
    }

    /** How much of the second colour a point has. */
    @FunctionalInterface
    interface Pattern {
        double at(double u, double v);
    }
}
