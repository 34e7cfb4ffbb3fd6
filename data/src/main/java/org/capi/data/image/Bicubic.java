package org.capi.data.image;

import java.nio.ByteBuffer;

/**
 * Bicubic antialiased resizing, to the bit as Pillow does it: columns first, then rows, in fixed point, each rounded and
 * clipped to a byte. However large the image, only as many rows are held as a {@link Strip} has and the filter covers.
 */
final class Bicubic {

    private static final int CHANNELS = PixelRows.CHANNELS;

    private final PixelRows image;
    private final Coefficients rows;
    private final Coefficients columns;
    private final Strip strip;
    private final int[][] narrowed; // row r is at r modulo their number
    private int next;

    private Bicubic(PixelRows image, Resampling resampling) {
        this.image = image;
        this.rows = resampling.rows();
        this.columns = resampling.columns();
        this.strip = new Strip(columns, image.height());
        this.narrowed = new int[rows.taps() + strip.rows()][strip.rowLength()];
        this.next = rows.start();
    }

    /** Resizes an image of which only {@link Resampling#needed} is given. */
    static Pixels resize(PixelRows needed, Resampling resampling) {
        return new Bicubic(needed, resampling).resize();
    }

    private Pixels resize() {
        int[] sums = new int[strip.rowLength()];
        int length = columns.count() * CHANNELS;
        byte[] resized = new byte[Math.multiplyExact(rows.count(), length)];
        for (int row = 0; row < rows.count(); row++) {
            int start = rows.starts()[row];
            while (next < Math.min(start + rows.taps(), rows.end())) {
                strip.resize(image, next - rows.start(), narrowed, next % narrowed.length);
                next += strip.rows();
            }
            sum(start, row * rows.taps(), sums);
            Sums.clip(sums);
            Sums.store(sums, resized, row * length, length);
        }
        return new Pixels(ByteBuffer.wrap(resized), rows.count(), columns.count(), CHANNELS);
    }

    /** The sums for a resized row, from a row on. */
    private void sum(int start, int weight, int[] sums) {
        int[] weights = rows.weights();
        Sums.begin(
                sums, narrowed(start), narrowed(start + 1), narrowed(start + 2), narrowed(start + 3), weights, weight);
        for (int tap = Sums.FIRST_TAPS; tap < rows.taps(); tap += 2) {
            int[] upper = narrowed(start + tap);
            Sums.add(sums, upper, weights[weight + tap], narrowed(start + tap + 1), weights[weight + tap + 1]);
        }
    }

    private int[] narrowed(int row) {
        return narrowed[row % narrowed.length];
    }
}
