package org.capi.data.image;

/**
 * Resizes rows along themselves, a strip of many rows at a time. Pixels of one column are laid side by side first, so
 * that every sum is one of whole columns: loops that the compiler makes vector instructions of, which those along a row
 * are not.
 */
final class Strip {

    private static final int CHANNELS = PixelRows.CHANNELS;
    private static final int MOST_ROWS = 512;
    private static final int ROWS_AT_ONCE = 8;
    private static final int BLOCK = 32; // resized pixels whose columns lie in the cache together
    private static final int GROUP = 4; // resized pixels that are put back into their rows together

    private final Coefficients columns;
    private final byte[][] lines;
    private final int[][] pixels; // [column and channel][row]
    private final int[][] sums = new int[GROUP * CHANNELS][];

    /** For rows that are looked at from the first column of the coefficients to their last. */
    Strip(Coefficients columns, int rows) {
        int atOnce = Math.min(MOST_ROWS, (rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE * ROWS_AT_ONCE);
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

    /** How many rows are resized at a time. */
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
            Sums.begin(
                    sum,
                    pixels[at],
                    pixels[at + CHANNELS],
                    pixels[at + 2 * CHANNELS],
                    pixels[at + 3 * CHANNELS],
                    weights,
                    weight);
            for (int tap = Sums.FIRST_TAPS; tap < columns.taps(); tap += 2) {
                int[] next = pixels[at + tap * CHANNELS];
                Sums.add(
                        sum, next, weights[weight + tap], pixels[at + (tap + 1) * CHANNELS], weights[weight + tap + 1]);
            }
            Sums.clip(sum);
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
