package org.capi.eval.features;

import java.util.Locale;

/** What is made of an image before it is encoded. */
public enum Transform {
    /**
     * The shorter side resized to 256/224 of the square that is cut from the centre: how whole images are classified.
     */
    CENTRE,
    /** All of it squashed to a square: how pixels are classified, whose label maps are squashed alike. */
    SQUASH;

    /** Makes a square of this side. */
    public DecodedImages.View view(int imageSize) {
        int shorterSide = (int) Math.rint(imageSize * (256.0 / 224));
        return this == CENTRE
                ? (kernels, image, position) -> kernels.centre(image.encoded(), image.header(), shorterSide, imageSize)
                : (kernels, image, position) -> kernels.squash(image.encoded(), image.header(), imageSize, imageSize);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
