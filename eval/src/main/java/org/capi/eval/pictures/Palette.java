package org.capi.eval.pictures;

import java.util.Arrays;
import java.util.Locale;

/** Colours of labels and of numbers. */
public final class Palette {

    /** The golden section of the circle: no two of many hues come close. */
    private static final double TURN = 0.618033988749895;

    private static final double LIMIT = 2.3;
    private static final double[] COOL = {59, 76, 192};
    private static final double[] WARM = {180, 4, 38};
    private static final double GREY = 88;
    private static final double[] WHITE = {0.95047, 1, 1.08883};
    private static final double[][] XYZ = {
        {0.4124564, 0.3575761, 0.1804375}, {0.2126729, 0.7151522, 0.0721750}, {0.0193339, 0.1191920, 0.9503041}
    };
    private static final double[][] RGB = {
        {3.2404542, -1.5371385, -0.4985314}, {-0.9692660, 1.8760108, 0.0415560}, {0.0556434, -0.2040259, 1.0572252}
    };

    private Palette() {}

    /**
     * The colour of a value of a label map as {@code 0xRRGGBB}, neighbours far apart; the background, 0, and the usual
     * mark for "ignore", 255, are greys.
     */
    public static int of(int label) {
        if (label == 0) {
            return 0x5b6470;
        }
        if (label == 255) {
            return 0xf4f5f7;
        }
        double hue = label * TURN % 1 * 6;
        double light = label % 3 == 0 ? 0.95 : label % 3 == 1 ? 0.8 : 0.65;
        return Picture.colour(channel(hue, 0, light), channel(hue, 2, light), channel(hue, 4, light));
    }

    /** The same as CSS writes it. */
    public static String css(int label) {
        return String.format(Locale.ROOT, "#%06x", of(label));
    }

    /** Full at one hue of the colour circle, decreasing to a fifth on the opposite side. */
    private static int channel(double hue, double at, double light) {
        double distance = Math.abs(hue - at);
        double share = Math.min(1, Math.max(0, 2 - Math.min(distance, 6 - distance)));
        return (int) Math.round(255 * light * (0.2 + 0.8 * share));
    }

    /**
     * The colour of a number: blue at -2.3 and below, grey at 0, red at 2.3 and above. The diverging map of Moreland
     * ("Diverging Color Maps for Scientific Visualization", 2009), also called coolwarm: even steps in lightness and
     * saturation of his polar form of CIELAB.
     */
    static int diverging(double value) {
        double share = Math.max(0, Math.min(1, (value + LIMIT) / (2 * LIMIT)));
        double[] cool = polar(COOL);
        double[] warm = polar(WARM);
        double middle = Math.max(GREY, Math.max(cool[0], warm[0]));
        double[] from = share < 0.5 ? cool : new double[] {middle, 0, turned(warm, middle)};
        double[] to = share < 0.5 ? new double[] {middle, 0, turned(cool, middle)} : warm;
        double part = share < 0.5 ? 2 * share : 2 * share - 1;
        double[] polar = new double[3];
        Arrays.setAll(polar, i -> (1 - part) * from[i] + part * to[i]);
        return colour(polar);
    }

    /** The hue given to a colour without saturation, so that the steps to a saturated one look even. */
    private static double turned(double[] saturated, double middle) {
        double m = saturated[0];
        double s = saturated[1];
        double h = saturated[2];
        double turn = s * Math.sqrt(middle * middle - m * m) / (m * Math.sin(s));
        return h > -Math.PI / 3 ? h + turn : h - turn;
    }

    /** sRGB bytes to magnitude, saturation and hue. */
    private static double[] polar(double[] bytes) {
        double[] linear = new double[3];
        for (int i = 0; i < 3; i++) {
            double v = bytes[i] / 255;
            linear[i] = v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
        }
        double[] f = product(XYZ, linear);
        for (int i = 0; i < 3; i++) {
            double ratio = f[i] / WHITE[i];
            f[i] = ratio > 0.008856 ? Math.cbrt(ratio) : 7.787 * ratio + 16.0 / 116;
        }
        double light = 116 * f[1] - 16;
        double a = 500 * (f[0] - f[1]);
        double b = 200 * (f[1] - f[2]);
        double magnitude = Math.sqrt(light * light + a * a + b * b);
        return new double[] {magnitude, Math.acos(light / magnitude), Math.atan2(b, a)};
    }

    private static int colour(double[] polar) {
        double light = polar[0] * Math.cos(polar[1]);
        double a = polar[0] * Math.sin(polar[1]) * Math.cos(polar[2]);
        double b = polar[0] * Math.sin(polar[1]) * Math.sin(polar[2]);
        double y = (light + 16) / 116;
        double[] xyz = {y + a / 500, y, y - b / 200};
        for (int i = 0; i < 3; i++) {
            double cube = xyz[i] * xyz[i] * xyz[i];
            xyz[i] = WHITE[i] * (cube > 0.008856 ? cube : (xyz[i] - 16.0 / 116) / 7.787);
        }
        double[] linear = product(RGB, xyz);
        int[] bytes = new int[3];
        for (int i = 0; i < 3; i++) {
            double v = linear[i];
            double shown = v <= 0.0031308 ? 12.92 * v : 1.055 * Math.pow(v, 1 / 2.4) - 0.055;
            bytes[i] = (int) Math.max(0, Math.min(255, Math.round(255 * shown)));
        }
        return Picture.colour(bytes[0], bytes[1], bytes[2]);
    }

    private static double[] product(double[][] matrix, double[] v) {
        double[] product = new double[3];
        Arrays.setAll(product, i -> matrix[i][0] * v[0] + matrix[i][1] * v[1] + matrix[i][2] * v[2]);
        return product;
    }
}
