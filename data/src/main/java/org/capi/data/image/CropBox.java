package org.capi.data.image;

/** A window of an image, in whole pixels. */
public record CropBox(int top, int left, int height, int width) {

    public CropBox {
        if (top < 0 || left < 0 || height < 1 || width < 1) {
            throw new IllegalArgumentException("a crop needs top and left of at least 0 and sides of at least 1, was "
                    + top + ", " + left + ", " + height + " x " + width);
        }
    }

    /** All of an image. */
    public static CropBox whole(int height, int width) {
        return new CropBox(0, 0, height, width);
    }

    /** A window of another window, as one of the image that the other is of. */
    CropBox within(CropBox outer) {
        return new CropBox(outer.top + top, outer.left + left, height, width);
    }
}
