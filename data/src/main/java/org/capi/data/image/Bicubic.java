package org.capi.data.image;

import java.nio.ByteBuffer;

/**
 * Bicubic antialiased resizing, bit-exact with Pillow: columns first, then rows, in fixed point, each rounded and
 * clipped to a byte. However large the image, only as many rows are held as a {@link Strip} has and the filter covers.
 *
 * <p>The loops over rows and columns are so short and simple that the compiler makes vector instructions of each.
 */
final class Bicubic {

    private static final int CHANNELS = PixelRows.CHANNELS;
    private static final int FIRST_TAPS = 4;
    private static final int HALF = 1 << (Coefficients.PRECISION - 1);

    private final PixelRows image;
    private final Coefficients rows;
    private final Coefficients columns;
    private final Strip strip;
    private final int[][] narrowed; // row r is at r modulo their number
    private int next;

    private Bicubic(PixelRows image, Resampling resampling) {
        this.image = image;
        this.rows = resampling.rows;
        this.columns = resampling.columns;
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
            clip(sums);
            store(sums, resized, row * length, length);
        }
        return new Pixels(ByteBuffer.wrap(resized), rows.count(), columns.count(), CHANNELS);
    }

    private void sum(int start, int weight, int[] sums) {
        int[] weights = rows.weights();
        sumFirst(sums, narrowed(start), narrowed(start + 1), narrowed(start + 2), narrowed(start + 3), weights, weight);
        for (int tap = FIRST_TAPS; tap < rows.taps(); tap += 2) {
            int[] upper = narrowed(start + tap);
            add(sums, upper, weights[weight + tap], narrowed(start + tap + 1), weights[weight + tap + 1]);
        }
    }

    private int[] narrowed(int row) {
        return narrowed[row % narrowed.length];
    }

    /** Starts with a half, for rounding, and four addends, each times its weight. */
    private static void sumFirst(
            int[] sums, int[] first, int[] second, int[] third, int[] fourth, int[] weights, int at) {
        int k = weights[at];
        int l = weights[at + 1];
        int m = weights[at + 2];
        int n = weights[at + 3];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = HALF + first[i] * k + second[i] * l + third[i] * m + fourth[i] * n;
        }
    }

    private static void add(int[] sums, int[] first, int firstWeight, int[] second, int secondWeight) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += first[i] * firstWeight + second[i] * secondWeight;
        }
    }

    /** Rounds and clips to a byte; by the signs, as the compiler makes no vectors of minima and maxima here. */
    private static void clip(int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            int value = sums[i] >> Coefficients.PRECISION;
            int atLeast0 = value & ~(value >> 31);
            sums[i] = (atLeast0 | ((255 - atLeast0) >> 31)) & 255;
        }
    }

    private static void store(int[] sums, byte[] to, int first, int count) {
        for (int i = 0; i < count; i++) {
            to[first + i] = (byte) sums[i];
        }
    }

    /** The filters along both axes that resize an image to a {@link Geometry}. */
    record Resampling(Coefficients rows, Coefficients columns) {

        static Resampling of(int height, int width, Geometry geometry) {
            return new Resampling(
                    Coefficients.of(height, geometry.scaledHeight(), geometry.top(), geometry.height()),
                    Coefficients.of(width, geometry.scaledWidth(), geometry.left(), geometry.width()));
        }

        /** The same, left and right exchanged. */
        Resampling mirrored() {
            return new Resampling(rows, columns.reversed());
        }

        /** The part of the image that is read. */
        CropBox needed() {
            return new CropBox(
                    rows.start(), columns.start(), rows.end() - rows.start(), columns.end() - columns.start());
        }
    }

    /**
     * The bicubic filter (a = -0.5) along one axis: of which pixels a resized pixel is the weighted sum, and the
     * weights in Pillow's fixed point. Where the image shrinks, the filter is stretched: that is the antialiasing.
     *
     * @param starts the first pixel of the sum of each resized pixel
     * @param weights of each resized pixel in turn
     * @param taps the pixels of each sum, at least 4 and even; those past the image's end have no weight
     * @param start the first pixel of any sum
     * @param end the pixel after the last of any sum
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared or changed
    record Coefficients(int[] starts, int[] weights, int taps, int start, int end) {

        /** The fractional bits of a weight. */
        static final int PRECISION = 22;

        private static final double A = -0.5;
        private static final double SUPPORT = 2;

        /** For the resized pixels from {@code first} on, where {@code length} pixels become {@code scaled}. */
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
                // At the last pixels the window is moved back into the image; weights of what it does not cover stay 0.
                starts[k] = Math.max(0, Math.min(from, length - taps));
                for (int i = from; i < to; i++) {
                    double weight = values[i - from] / sum * (1 << PRECISION);
                    weights[k * taps + i - starts[k]] = (int) (weight + (weight < 0 ? -0.5 : 0.5));
                }
                end = Math.min(length, starts[k] + taps);
            }
            return new Coefficients(starts, weights, taps, starts[0], end);
        }

        /** For the same pixels in the opposite order. */
        Coefficients reversed() {
            int[] lastFirst = new int[starts.length];
            int[] itsWeights = new int[weights.length];
            for (int k = 0; k < starts.length; k++) {
                int from = starts.length - 1 - k;
                lastFirst[k] = starts[from];
                System.arraycopy(weights, from * taps, itsWeights, k * taps, taps);
            }
            return new Coefficients(lastFirst, itsWeights, taps, start, end);
        }

        int count() {
            return starts.length;
        }

        private static double cubic(double distance) {
            double x = Math.abs(distance);
            if (x < 1) {
                return ((A + 2) * x - (A + 3)) * x * x + 1;
            }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
        }
    }

    /**
     * Resizes rows along themselves, a strip of many rows at a time. Pixels of one column are laid side by side first,
     * so that every sum is one of whole columns, which the compiler makes vector instructions of; it makes none of
     * loops along a row.
     */
    private static final class Strip {

        private static final int MAX_ROWS = 512;
        private static final int ROWS_AT_ONCE = 8;
        private static final int BLOCK = 32; // resized pixels whose columns lie in the cache together
        private static final int GROUP = 4; // resized pixels that are put back into their rows together

        private final Coefficients columns;
        private final byte[][] lines;
        private final int[][] pixels; // [column and channel][row]
        private final int[][] sums = new int[GROUP * CHANNELS][];

        Strip(Coefficients columns, int rows) {
            int atOnce = Math.min(MAX_ROWS, (rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE * ROWS_AT_ONCE);
            this.columns = columns;
            this.lines = new byte[atOnce][(columns.end() - columns.start()) * CHANNELS];
            int widest = 0;
            for (int pixel = 0; pixel < columns.count(); pixel += BLOCK) {
                widest = Math.max(widest, endOfBlock(pixel) - startOfBlock(pixel));
            }
            this.pixels = new int[widest * CHANNELS][atOnce];
            for (int i = 0; i < sums.length; i++) {
                sums[i] = new int[atOnce];
            }
        }

        int rows() {
            return lines.length;
        }

        /** How long an array for a resized row must be: a little longer than the row, as pixels come in groups. */
        int rowLength() {
            return (columns.count() + GROUP - 1) / GROUP * GROUP * CHANNELS;
        }

        /**
         * Resizes the rows of an image from the first of the strip on; past the image's last row, that one again.
         *
         * @param to where the rows go, from {@code at} on and, after the last, from 0 on
         */
        void resize(PixelRows image, int first, int[][] to, int at) {
            for (int row = 0; row < lines.length; row++) {
                image.read(Math.min(first + row, image.height() - 1), 0, columns.end() - columns.start(), lines[row]);
            }
            for (int block = 0; block < columns.count(); block += BLOCK) {
                int start = startOfBlock(block);
                layColumns(start, Math.min(endOfBlock(block), columns.end()));
                for (int pixel = block; pixel < Math.min(block + BLOCK, columns.count()); pixel += GROUP) {
                    for (int i = 0; i < GROUP; i++) {
                        sum(Math.min(pixel + i, columns.count() - 1), start, i * CHANNELS);
                    }
                    putBack(sums, pixel * CHANNELS, to, at);
                }
            }
        }

        private void layColumns(int start, int end) {
            int from = (start - columns.start()) * CHANNELS;
            int count = (end - start) * CHANNELS;
            for (int row = 0; row < lines.length; row += ROWS_AT_ONCE) {
                layColumns(lines, row, from, count, pixels);
            }
        }

        private static void layColumns(byte[][] lines, int row, int from, int count, int[][] columns) {
            byte[] line0 = lines[row];
            byte[] line1 = lines[row + 1];
            byte[] line2 = lines[row + 2];
            byte[] line3 = lines[row + 3];
            byte[] line4 = lines[row + 4];
            byte[] line5 = lines[row + 5];
            byte[] line6 = lines[row + 6];
            byte[] line7 = lines[row + 7];
            for (int i = 0; i < count; i++) {
                int[] column = columns[i];
                int x = from + i;
                column[row] = line0[x] & 255;
                column[row + 1] = line1[x] & 255;
                column[row + 2] = line2[x] & 255;
                column[row + 3] = line3[x] & 255;
                column[row + 4] = line4[x] & 255;
                column[row + 5] = line5[x] & 255;
                column[row + 6] = line6[x] & 255;
                column[row + 7] = line7[x] & 255;
            }
        }

        /** The channels of a resized pixel in every row. */
        private void sum(int pixel, int firstColumn, int to) {
            int[] weights = columns.weights();
            int weight = pixel * columns.taps();
            int from = (columns.starts()[pixel] - firstColumn) * CHANNELS;
            for (int channel = 0; channel < CHANNELS; channel++) {
                int[] sum = sums[to + channel];
                int at = from + channel;
                int second = at + CHANNELS;
                int third = second + CHANNELS;
                sumFirst(sum, pixels[at], pixels[second], pixels[third], pixels[third + CHANNELS], weights, weight);
                for (int tap = FIRST_TAPS; tap < columns.taps(); tap += 2) {
                    int[] next = pixels[at + tap * CHANNELS];
                    add(sum, next, weights[weight + tap], pixels[at + (tap + 1) * CHANNELS], weights[weight + tap + 1]);
                }
                clip(sum);
            }
        }

        /** From columns to rows again, for {@link #GROUP} pixels. */
        private static void putBack(int[][] sums, int first, int[][] to, int at) {
            int[] sum0 = sums[0];
            int[] sum1 = sums[1];
            int[] sum2 = sums[2];
            int[] sum3 = sums[3];
            int[] sum4 = sums[4];
            int[] sum5 = sums[5];
            int[] sum6 = sums[6];
            int[] sum7 = sums[7];
            int[] sum8 = sums[8];
            int[] sum9 = sums[9];
            int[] sum10 = sums[10];
            int[] sum11 = sums[11];
            int next = at;
            for (int i = 0; i < sum0.length; i++) {
                int[] row = to[next];
                next = next + 1 == to.length ? 0 : next + 1;
                row[first] = sum0[i];
                row[first + 1] = sum1[i];
                row[first + 2] = sum2[i];
                row[first + 3] = sum3[i];
                row[first + 4] = sum4[i];
                row[first + 5] = sum5[i];
                row[first + 6] = sum6[i];
                row[first + 7] = sum7[i];
                row[first + 8] = sum8[i];
                row[first + 9] = sum9[i];
                row[first + 10] = sum10[i];
                row[first + 11] = sum11[i];
            }
        }

        /** The first column of the pixels of a block, which are in order from left to right or from right to left. */
        private int startOfBlock(int pixel) {
            return Math.min(columns.starts()[pixel], columns.starts()[lastOfBlock(pixel)]);
        }

        private int endOfBlock(int pixel) {
            return Math.max(columns.starts()[pixel], columns.starts()[lastOfBlock(pixel)]) + columns.taps();
        }

        private int lastOfBlock(int pixel) {
            return Math.min(pixel + BLOCK, columns.count()) - 1;
        }
    }
}
