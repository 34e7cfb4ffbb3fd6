package org.capi.data.image;

/**
 * How an image is resampled: scaled, then a window of the scaled image is kept.
 *
 * @param scaleRows output rows for each input row
 * @param top the first kept row of the scaled image
 * @param height the rows kept
 */
public record Geometry(double scaleRows, double scaleColumns, int top, int left, int height, int width) {

    /** Scales an image to exactly a size, keeping no aspect. */
    public static Geometry filling(int fromHeight, int fromWidth, int height, int width) {
        return new Geometry((double) height / fromHeight, (double) width / fromWidth, 0, 0, height, width);
    }

    /** Scales so that the shorter side has a length (the longer one truncated to whole pixels). */
    public static Geometry shorterSide(int fromHeight, int fromWidth, int side) {
        boolean wide = fromWidth > fromHeight;
        int longer = (int) ((long) side * Math.max(fromHeight, fromWidth) / Math.min(fromHeight, fromWidth));
        return filling(fromHeight, fromWidth, wide ? side : longer, wide ? longer : side);
    }

    /** Scales the shorter side to a length, then keeps the central square; offsets are rounded half to even. */
    public static Geometry centred(int fromHeight, int fromWidth, int side, int square) {
        if (square > side) {
            throw new IllegalArgumentException(
                    "the central square of " + square + " pixels is larger than the shorter side of " + side);
        }
        Geometry scaled = shorterSide(fromHeight, fromWidth, side);
        return new Geometry(
                scaled.scaleRows,
                scaled.scaleColumns,
                (int) Math.rint((scaled.height - square) / 2.0),
                (int) Math.rint((scaled.width - square) / 2.0),
                square,
                square);
    }
}
