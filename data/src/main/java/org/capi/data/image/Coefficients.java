package org.capi.data.image;

/**
 * The bicubic filter (a = -0.5) along one axis: of which pixels a resized pixel is the weighted sum, and the weights in
 * fixed point as Pillow has them. Where the image shrinks, the filter is stretched: that is the antialiasing.
 */
final class Coefficients {

    /** The binary places of a weight. */
    static final int PRECISION = 22;

    private static final double A = -0.5;
    private static final double SUPPORT = 2;

    private final int[] starts;
    private final int[] weights;
    private final int taps;
    private final int end;

    private Coefficients(int[] starts, int[] weights, int taps, int end) {
        this.starts = starts;
        this.weights = weights;
        this.taps = taps;
        this.end = end;
    }

    /**
     * Those of the resized pixels from {@code first} to {@code first + count}, where {@code length} pixels become
     * {@code scaled}.
     */
    static Coefficients of(int length, int scaled, int first, int count) {
        double scale = (double) length / scaled;
        double stretch = Math.max(scale, 1);
        double support = SUPPORT * stretch;
        int taps = 2 * (int) Math.ceil(support);
        int[] starts = new int[count];
        int[] weights = new int[Math.multiplyExact(count, taps)];
        double[] values = new double[taps];
        int end = 0;
        for (int k = 0; k < count; k++) {
            double centre = (first + k + 0.5) * scale;
            int from = Math.max(0, (int) (centre - support + 0.5));
            int to = Math.min(length, (int) (centre + support + 0.5));
            double sum = 0;
            for (int i = from; i < to; i++) {
                values[i - from] = cubic((i - centre + 0.5) * (1 / stretch));
                sum += values[i - from];
            }
            // At the last pixels the window is moved back into the image; the weights of what it does not cover stay 0.
            starts[k] = Math.max(0, Math.min(from, length - taps));
            for (int i = from; i < to; i++) {
                double weight = values[i - from] / sum * (1 << PRECISION);
                weights[k * taps + i - starts[k]] = (int) (weight + (weight < 0 ? -0.5 : 0.5));
            }
            end = Math.min(length, starts[k] + taps);
        }
        return new Coefficients(starts, weights, taps, end);
    }

    /** The resized pixels. */
    int count() {
        return starts.length;
    }

    /** The pixels that each is a sum of, an even number; those past the image's end have no weight. */
    int taps() {
        return taps;
    }

    /** The first pixel of the sum of each, not to be changed. */
    int[] starts() {
        return starts;
    }

    /** The weights of each in turn, not to be changed. */
    int[] weights() {
        return weights;
    }

    /** The first pixel that any of the sums has. */
    int start() {
        return starts[0];
    }

    /** The pixel after the last that any of the sums has. */
    int end() {
        return end;
    }

    private static double cubic(double distance) {
        double x = Math.abs(distance);
        if (x < 1) {
            return ((A + 2) * x - (A + 3)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }
}
