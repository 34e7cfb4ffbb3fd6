package org.capi.eval.pictures;

import java.util.Locale;

/** A colour for each value of a label map, neighbours far apart. */
public final class LabelColours {

    /** The golden section of the circle: no two of many hues come close. */
    private static final double TURN = 0.618033988749895;

    private LabelColours() {}

    /** As {@code 0xRRGGBB}; the background, 0, and the usual mark for "ignore", 255, are greys. */
    public static int of(int value) {
        if (value == 0) {
            return 0x5b6470;
        }
        if (value == 255) {
            return 0xf4f5f7;
        }
        double hue = value * TURN % 1 * 6;
        double light = value % 3 == 0 ? 0.95 : value % 3 == 1 ? 0.8 : 0.65;
        return (channel(hue, 0, light) << 16) | (channel(hue, 2, light) << 8) | channel(hue, 4, light);
    }

    /** As CSS writes it. */
    public static String css(int value) {
        return String.format(Locale.ROOT, "#%06x", of(value));
    }

    /** Full at its own place of the colour circle and sinking to a fifth on the other side of it. */
    private static int channel(double hue, double at, double light) {
        double distance = Math.abs(hue - at);
        double share = Math.min(1, Math.max(0, 2 - Math.min(distance, 6 - distance)));
        return (int) Math.round(255 * light * (0.2 + 0.8 * share));
    }
}
