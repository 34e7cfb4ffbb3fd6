package org.capi.eval.rows;

import java.util.Arrays;

/**
 * Median and distance between the quartiles of each column, with linear interpolation; the distance is 1 for a column
 * whose quartiles are equal.
 */
final class Quartiles {

    /** Holds so many values at once, whatever the size of the table. */
    private static final int VALUES_AT_ONCE = 1 << 26;

    private static final int ROWS_AT_ONCE = 1024;

    private final double[] median;
    private final double[] range;

    private Quartiles(double[] median, double[] range) {
        this.median = median;
        this.range = range;
    }

    /** {@code [dim]}; not a copy. */
    double[] median() {
        return median;
    }

    /** {@code [dim]}; not a copy. */
    double[] range() {
        return range;
    }

    static Quartiles of(FeatureRows rows) {
        int dim = rows.dim();
        var found = new Quartiles(new double[dim], new double[dim]);
        int together = Math.max(1, Math.min(dim, VALUES_AT_ONCE / rows.size()));
        for (int from = 0; from < dim; from += together) {
            float[][] columns = columns(rows, from, Math.min(together, dim - from));
            for (int c = 0; c < columns.length; c++) {
                Arrays.sort(columns[c]);
                found.median[from + c] = quantile(columns[c], 0.5);
                double range = quantile(columns[c], 0.75) - quantile(columns[c], 0.25);
                found.range[from + c] = range == 0 ? 1 : range;
            }
        }
        return found;
    }

    private static float[][] columns(FeatureRows rows, int first, int count) {
        int dim = rows.dim();
        float[][] columns = new float[count][rows.size()];
        float[] block = new float[ROWS_AT_ONCE * dim];
        for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
            int read = Math.min(ROWS_AT_ONCE, rows.size() - from);
            rows.read(from, read, block, 0);
            for (int row = 0; row < read; row++) {
                for (int c = 0; c < count; c++) {
                    columns[c][from + row] = block[row * dim + first + c];
                }
            }
        }
        return columns;
    }

    private static double quantile(float[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * ((double) sorted[above] - sorted[below]);
    }
}
