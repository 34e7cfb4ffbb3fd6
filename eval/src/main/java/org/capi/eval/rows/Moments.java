package org.capi.eval.rows;

/** Mean and population variance (ddof 0) of each column, gathered in two passes over a table. */
final class Moments {

    private static final int ROWS_AT_ONCE = 1024;
    private static final double ROUNDING = 0x1p-52;

    private final int rows;
    private final double[] mean;
    private final double[] variance;

    private Moments(int rows, double[] mean, double[] variance) {
        this.rows = rows;
        this.mean = mean;
        this.variance = variance;
    }

    /** {@code [dim]}; not a copy. */
    double[] mean() {
        return mean;
    }

    /** {@code [dim]}; not a copy. */
    double[] variance() {
        return variance;
    }

    static Moments of(FeatureRows rows) {
        double[] mean = means(rows, new double[rows.dim()], 1);
        return new Moments(rows.size(), mean, means(rows, mean, 2));
    }

    /** Standard deviations, 1 for a column that never changes. */
    double[] deviations() {
        double[] deviations = new double[variance.length];
        for (int d = 0; d < deviations.length; d++) {
            // The mean of equal values may be off by its rounding, which is then all that their variance shows.
            double rounding = rows * ROUNDING * mean[d];
            deviations[d] = variance[d] <= rounding * rounding ? 1 : Math.sqrt(variance[d]);
        }
        return deviations;
    }

    /** The deviation of all entries together about their common mean. */
    double overall() {
        double common = 0;
        for (double m : mean) {
            common += m / mean.length;
        }
        double sum = 0;
        for (int d = 0; d < mean.length; d++) {
            sum += variance[d] + (mean[d] - common) * (mean[d] - common);
        }
        return Math.sqrt(sum / mean.length);
    }

    /** The mean of {@code (x - about)^power}, for a power of 1 or 2. */
    private static double[] means(FeatureRows rows, double[] about, int power) {
        int dim = rows.dim();
        double[] sums = new double[dim];
        float[] block = new float[ROWS_AT_ONCE * dim];
        for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
            int count = Math.min(ROWS_AT_ONCE, rows.size() - from);
            rows.read(from, count, block, 0);
            for (int at = 0; at < count * dim; at++) {
                double difference = block[at] - about[at % dim];
                sums[at % dim] += power == 1 ? difference : difference * difference;
            }
        }
        for (int d = 0; d < dim; d++) {
            sums[d] /= rows.size();
        }
        return sums;
    }
}
