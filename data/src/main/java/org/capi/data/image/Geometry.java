package org.capi.data.image;

/**
 * How an image is resized: to {@code scaledHeight} x {@code scaledWidth}, of which a window is kept and the rest never
 * computed.
 */
public record Geometry(int scaledHeight, int scaledWidth, int top, int left, int height, int width) {

    /** Resizes an image to exactly a size, keeping no aspect. */
    public static Geometry filling(int height, int width) {
        return new Geometry(height, width, 0, 0, height, width);
    }

    /** Gives the shorter side a length; the longer one is truncated to whole pixels. */
    public static Geometry shorterSide(int fromHeight, int fromWidth, int side) {
        boolean wide = fromWidth > fromHeight;
        int longer = (int) ((long) side * Math.max(fromHeight, fromWidth) / Math.min(fromHeight, fromWidth));
        return filling(wide ? side : longer, wide ? longer : side);
    }

    /** Gives the shorter side a length, then keeps the central square; offsets are rounded half to even. */
    public static Geometry centred(int fromHeight, int fromWidth, int side, int square) {
        if (square > side) {
            throw new IllegalArgumentException(
                    "the central square of " + square + " pixels is larger than the shorter side of " + side);
        }
        Geometry scaled = shorterSide(fromHeight, fromWidth, side);
        return new Geometry(
                scaled.height,
                scaled.width,
                (int) Math.rint((scaled.height - square) / 2.0),
                (int) Math.rint((scaled.width - square) / 2.0),
                square,
                square);
    }
}
