package org.capi.data.image;

/**
 * Weighted sums of bytes, as {@link Bicubic} needs them: in fixed point, with a half added for rounding.
 *
 * <p>Along rows, two rows are added up in the halves of a long: one multiplication for two pixels. Where nothing but
 * whole rows are added, the loops are simple enough that the compiler makes vector instructions of them.
 */
final class Sums {

    static final int HALF = 1 << (Coefficients.PRECISION - 1);

    private static final int CHANNELS = PixelRows.CHANNELS;
    private static final long HALVES = HALF | (long) HALF << Integer.SIZE;

    private Sums() {}

    /** A byte of a row and that of the row below. */
    static long pair(byte upper, byte lower) {
        return Byte.toUnsignedLong(upper) | Byte.toUnsignedLong(lower) << Integer.SIZE;
    }

    /** The sums for each resized pixel of four rows: those of a pair, and those of the pair below. */
    static void alongRows(long[] pair, long[] below, Coefficients columns, int[][] to) {
        int[] starts = columns.starts();
        int[] weights = columns.weights();
        int taps = columns.taps();
        int[] row0 = to[0];
        int[] row1 = to[1];
        int[] row2 = to[2];
        int[] row3 = to[3];
        int weight = 0;
        for (int pixel = 0; pixel < starts.length; pixel++) {
            int from = (starts[pixel] - starts[0]) * CHANNELS;
            long red = HALVES;
            long green = HALVES;
            long blue = HALVES;
            long redBelow = HALVES;
            long greenBelow = HALVES;
            long blueBelow = HALVES;
            for (int tap = 0; tap < taps; tap += 2) {
                long k = weights[weight];
                long l = weights[weight + 1];
                red += k * pair[from] + l * pair[from + 3];
                green += k * pair[from + 1] + l * pair[from + 4];
                blue += k * pair[from + 2] + l * pair[from + 5];
                redBelow += k * below[from] + l * below[from + 3];
                greenBelow += k * below[from + 1] + l * below[from + 4];
                blueBelow += k * below[from + 2] + l * below[from + 5];
                from += 2 * CHANNELS;
                weight += 2;
            }
            int at = pixel * CHANNELS;
            row0[at] = upper(red);
            row0[at + 1] = upper(green);
            row0[at + 2] = upper(blue);
            row1[at] = lower(red);
            row1[at + 1] = lower(green);
            row1[at + 2] = lower(blue);
            row2[at] = upper(redBelow);
            row2[at + 1] = upper(greenBelow);
            row2[at + 2] = upper(blueBelow);
            row3[at] = lower(redBelow);
            row3[at + 1] = lower(greenBelow);
            row3[at + 2] = lower(blueBelow);
        }
    }

    /** Adds two rows, each times its weight. */
    static void add(int[] sums, int[] upper, int upperWeight, int[] lower, int lowerWeight) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += upper[i] * upperWeight + lower[i] * lowerWeight;
        }
    }

    /** Makes of sums what fits a byte. */
    static void clip(int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Math.max(0, Math.min(255, sums[i] >> Coefficients.PRECISION));
        }
    }

    static void store(int[] sums, byte[] to, int first) {
        for (int i = 0; i < sums.length; i++) {
            to[first + i] = (byte) sums[i];
        }
    }

    private static int upper(long sum) {
        return (int) sum;
    }

    /** The other half, to which a negative first one owes a carry. */
    private static int lower(long sum) {
        return (int) ((sum + (1L << 31)) >> Integer.SIZE);
    }
}
