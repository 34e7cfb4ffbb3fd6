package org.capi.eval.features;

import java.util.Locale;

/** What is made of an image before it is encoded. */
public enum Transform {
    /** The shorter side resized to 256/224 of the square that is cut from the centre: how whole images are classified. */
    CENTRE {
        @Override
        public DecodedImages.View view(int imageSize) {
            int shorterSide = (int) Math.rint(imageSize * (256.0 / 224));
            return (kernels, image) -> kernels.centre(image.encoded(), image.header(), shorterSide, imageSize);
        }
    },
    /** All of it squashed to a square: how pixels are classified, whose label maps are squashed alike. */
    SQUASH {
        @Override
        public DecodedImages.View view(int imageSize) {
            return (kernels, image) -> kernels.squash(image.encoded(), image.header(), imageSize, imageSize);
        }
    };

    /** The one of this name, such as {@code squash}. */
    public static Transform named(String name) {
        for (Transform transform : values()) {
            if (transform.toString().equals(name)) {
                return transform;
            }
        }
        throw new IllegalArgumentException("transform must be one of centre, squash, was " + name);
    }

    /** How to get a square of this side. */
    public abstract DecodedImages.View view(int imageSize);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
