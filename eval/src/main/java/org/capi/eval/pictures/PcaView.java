package org.capi.eval.pictures;

import java.awt.image.BufferedImage;

/** The first three principal components of a feature map as red, green and blue. */
final class PcaView {

    private static final double LEAST = -2.3;
    private static final double MOST = 2.3;
    private static final int CHANNELS = 3;

    private PcaView() {}

    /** One pixel for each patch; {@code first} is the row of the image's first patch among those of all. */
    static BufferedImage draw(double[] components, int count, int first, int rows, int columns) {
        var image = new BufferedImage(columns, rows, BufferedImage.TYPE_INT_RGB);
        for (int patch = 0; patch < rows * columns; patch++) {
            int[] rgb = new int[CHANNELS];
            for (int c = 0; c < CHANNELS; c++) {
                rgb[c] = level(c < count ? components[(first + patch) * count + c] : 0);
            }
            image.setRGB(patch % columns, patch / columns, Picture.colour(rgb[0], rgb[1], rgb[2]));
        }
        return image;
    }

    /** {@code 255·clip((z + 2.3) / 4.6, 0, 1)}, truncated. */
    static int level(double z) {
        return (int) (255 * Math.max(0, Math.min(1, (z - LEAST) / (MOST - LEAST))));
    }

    /** One component of a feature map from blue to red. */
    static BufferedImage heat(double[] components, int count, int component, int first, int rows, int columns) {
        var image = new BufferedImage(columns, rows, BufferedImage.TYPE_INT_RGB);
        for (int patch = 0; patch < rows * columns; patch++) {
            double value = components[(first + patch) * count + component];
            image.setRGB(patch % columns, patch / columns, DivergingColours.of(value));
        }
        return image;
    }

    /** The sign of one of the first three components in one of the eight choices, in the order of the reference. */
    static int sign(int flip, int component) {
        int bit = component == 0 ? 1 : component == 1 ? 2 : 0;
        return ((flip >> bit) & 1) == 0 ? -1 : 1;
    }

    /** The three signs as + and -. */
    static String signs(int flip) {
        var text = new StringBuilder();
        for (int component = 0; component < CHANNELS; component++) {
            text.append(sign(flip, component) < 0 ? '-' : '+');
        }
        return text.toString();
    }

    /** Components of which the first three have other signs. */
    static double[] flipped(double[] components, int count, int flip) {
        double[] flipped = components.clone();
        for (int i = 0; i < flipped.length; i++) {
            int component = i % count;
            flipped[i] *= component < CHANNELS ? sign(flip, component) : 1;
        }
        return flipped;
    }
}
