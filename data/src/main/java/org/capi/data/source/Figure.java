package org.capi.data.source;

import java.util.Arrays;
import java.util.List;

/** The classes of the embedded set: an outline and what fills it. */
enum Figure {
    RINGED_DISK("ringed_disk", Outlines::disk, Patterns::rings),
    CHECKED_SQUARE("checked_square", Outlines::square, Patterns::checks),
    STRIPED_TRIANGLE("striped_triangle", Outlines::triangle, Patterns::stripes),
    SHADED_STAR("shaded_star", Outlines::star, Patterns::shading),
    DOTTED_RING("dotted_ring", Outlines::ring, Patterns::dots),
    HATCHED_CROSS("hatched_cross", Outlines::cross, Patterns::hatching),
    SPECKLED_CRESCENT("speckled_crescent", Outlines::crescent, Patterns::speckles),
    SPOKED_FLOWER("spoked_flower", Outlines::flower, Patterns::spokes),
    BRICKED_HEXAGON("bricked_hexagon", Outlines::hexagon, Patterns::bricks),
    ZIGZAG_HEART("zigzag_heart", Outlines::heart, Patterns::zigzag);

    private final String className;
    private final Outline outline;
    private final Pattern pattern;

    /** Whether a point is inside. */
    @FunctionalInterface
    private interface Outline {
        boolean contains(double u, double v);
    }

    /** How much of the second colour a point has. */
    @FunctionalInterface
    private interface Pattern {
        double at(double u, double v);
    }

    Figure(String className, Outline outline, Pattern pattern) {
        this.className = className;
        this.outline = outline;
        this.pattern = pattern;
    }

    /** The names of the classes, in the order of their labels. */
    static List<String> classNames() {
        return Arrays.stream(values()).map(figure -> figure.className).toList();
    }

    String className() {
        return className;
    }

    boolean contains(double u, double v) {
        return outline.contains(u, v);
    }

    double pattern(double u, double v) {
        return pattern.at(u, v);
    }
}
