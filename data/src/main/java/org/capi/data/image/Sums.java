package org.capi.data.image;

/**
 * Weighted sums of rows or columns of pixels, as {@link Bicubic} needs them: in fixed point, with a half added for
 * rounding. The loops are so short and simple that the compiler makes vector instructions of each.
 */
final class Sums {

    /** The addends with which a sum begins. */
    static final int FIRST_TAPS = 4;

    private static final int HALF = 1 << (Coefficients.PRECISION - 1);

    private Sums() {}

    /** Begins with four addends, each times its weight. */
    static void begin(int[] sums, int[] first, int[] second, int[] third, int[] fourth, int[] weights, int at) {
        int k = weights[at];
        int l = weights[at + 1];
        int m = weights[at + 2];
        int n = weights[at + 3];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = HALF + first[i] * k + second[i] * l + third[i] * m + fourth[i] * n;
        }
    }

    /** Adds two addends, each times its weight. */
    static void add(int[] sums, int[] first, int firstWeight, int[] second, int secondWeight) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += first[i] * firstWeight + second[i] * secondWeight;
        }
    }

    /** Makes of sums what fits a byte; by their signs, as the compiler makes no vectors of minima and maxima here. */
    static void clip(int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            int value = sums[i] >> Coefficients.PRECISION;
            int atLeast0 = value & ~(value >> 31);
            sums[i] = (atLeast0 | ((255 - atLeast0) >> 31)) & 255;
        }
    }

    /** Stores the first sums as bytes. */
    static void store(int[] sums, byte[] to, int first, int count) {
        for (int i = 0; i < count; i++) {
            to[first + i] = (byte) sums[i];
        }
    }
}
