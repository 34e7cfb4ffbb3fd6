package org.capi.data.image;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Bicubic antialiased resizing, to the bit as Pillow does it: columns first, then rows, in fixed point, each rounded and
 * clipped to a byte. However large the image, only as many rows are held as the filter covers at a time.
 */
final class Bicubic {

    private static final int CHANNELS = PixelRows.CHANNELS;
    private static final int AT_ONCE = 4;

    private final PixelRows image;
    private final Coefficients rows;
    private final Coefficients columns;
    private final byte[] line;
    private final byte[] lineBelow;
    private final long[] pair;
    private final long[] pairBelow;
    private final int[][] narrowed; // row r is at r modulo their number
    private int next;

    private Bicubic(PixelRows image, Coefficients rows, Coefficients columns) {
        this.image = image;
        this.rows = rows;
        this.columns = columns;
        this.line = new byte[(columns.end() - columns.start()) * CHANNELS];
        this.lineBelow = new byte[line.length];
        this.pair = new long[line.length + columns.taps() * CHANNELS];
        this.pairBelow = new long[pair.length];
        this.narrowed = new int[rows.taps() + AT_ONCE][columns.count() * CHANNELS];
        this.next = rows.start();
    }

    /** Resizes an image that begins at the first row and column that the coefficients need. */
    static Pixels resize(PixelRows image, Coefficients rows, Coefficients columns) {
        return new Bicubic(image, rows, columns).resize();
    }

    private Pixels resize() {
        int[] sums = new int[columns.count() * CHANNELS];
        byte[] resized = new byte[Math.multiplyExact(rows.count(), sums.length)];
        int[] weights = rows.weights();
        int weight = 0;
        for (int row = 0; row < rows.count(); row++) {
            int start = rows.starts()[row];
            while (next < Math.min(start + rows.taps(), rows.end())) {
                narrow();
            }
            Arrays.fill(sums, Sums.HALF);
            for (int tap = 0; tap < rows.taps(); tap += 2) {
                int[] upper = narrowed(start + tap);
                int[] lower = narrowed(start + tap + 1);
                Sums.add(sums, upper, weights[weight], lower, weights[weight + 1]);
                weight += 2;
            }
            Sums.clip(sums);
            Sums.store(sums, resized, row * sums.length);
        }
        return new Pixels(ByteBuffer.wrap(resized), rows.count(), columns.count(), CHANNELS);
    }

    /** Resizes the columns of the next four rows. */
    private void narrow() {
        read(next, pair);
        read(next + 2, pairBelow);
        int[][] to = {narrowed(next), narrowed(next + 1), narrowed(next + 2), narrowed(next + 3)};
        Sums.alongRows(pair, pairBelow, columns, to);
        for (int[] sums : to) {
            Sums.clip(sums);
        }
        next += AT_ONCE;
    }

    /** Reads two rows; after the last comes the last again, of which nothing is used. */
    private void read(int row, long[] into) {
        int last = rows.end() - 1;
        image.read(Math.min(row, last) - rows.start(), 0, line.length / CHANNELS, line);
        image.read(Math.min(row + 1, last) - rows.start(), 0, line.length / CHANNELS, lineBelow);
        for (int i = 0; i < line.length; i++) {
            into[i] = Sums.pair(line[i], lineBelow[i]);
        }
    }

    private int[] narrowed(int row) {
        return narrowed[row % narrowed.length];
    }
}
