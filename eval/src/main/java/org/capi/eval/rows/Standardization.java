package org.capi.eval.rows;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;

/** How features are standardized before a probe sees them; fitted on the training set alone. */
public enum Standardization {
    NONE(train -> (values, count, dim) -> {}),
    /** Each column minus its mean. */
    CENTER(train -> affine(Moments.of(train).mean, all(1, train.dim()))),
    /** Each column minus its mean, all divided by the deviation of all entries about the mean of all, plus 1e-8. */
    CENTER_DIV(train -> {
        Moments moments = Moments.of(train);
        return affine(moments.mean, all(moments.overall() + 1e-8, train.dim()));
    }),
    /** Each column minus its mean, divided by its population deviation; a constant column by 1. */
    STANDARD(train -> {
        Moments moments = Moments.of(train);
        return affine(moments.mean, moments.deviations());
    }),
    /** Each column minus its median, divided by the distance between its quartiles. */
    ROBUST(Standardization::robust),
    /** Rotated to the principal axes; the entry of largest magnitude in each axis is positive. */
    PCA(train -> Covariance.of(train).projection(train.size(), false)),
    /** As {@link #PCA}, each component divided by its deviation (with n - 1). */
    PCA_WHITEN(train -> Covariance.of(train).projection(train.size(), true));

    /** Quartiles sort at most so many values at once, whatever the size of the table. */
    private static final int VALUES_AT_ONCE = 1 << 26;

    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    private final Function<FeatureRows, Fitted> fit;

    Standardization(Function<FeatureRows, Fitted> fit) {
        this.fit = fit;
    }

    public Fitted fit(FeatureRows train) {
        return fit.apply(train);
    }

    /** The constant of a name such as {@code standard}. */
    public static Standardization named(String name) {
        return EnumNames.find("standardization", values(), name);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A transform fitted on the training set. */
    public interface Fitted {

        /** Standardizes the first {@code count} rows of an array in place, packed to {@link #dim} values each. */
        void apply(float[] values, int count, int dim);

        /** The length of a standardized row. */
        default int dim(int before) {
            return before;
        }

        /** The rows of a table, standardized when they are read. */
        default FeatureRows of(FeatureRows rows) {
            int dim = dim(rows.dim());
            return new FeatureRows.View(rows.size(), dim, (from, count, into, at) -> {
                float[] raw = new float[count * rows.dim()];
                rows.read(from, count, raw, 0);
                apply(raw, count, rows.dim());
                System.arraycopy(raw, 0, into, at, count * dim);
            });
        }
    }

    /** {@code (x - shift) / scale}, column by column. */
    private static Fitted affine(double[] shift, double[] scale) {
        return (values, count, dim) -> {
            for (int row = 0; row < count; row++) {
                for (int d = 0; d < dim; d++) {
                    int at = row * dim + d;
                    values[at] = (float) ((values[at] - shift[d]) / scale[d]);
                }
            }
        };
    }

    private static double[] all(double value, int count) {
        double[] values = new double[count];
        Arrays.fill(values, value);
        return values;
    }

    /** Quantiles with linear interpolation; a distance of 0 between the quartiles counts as 1. */
    private static Fitted robust(FeatureRows train) {
        int dim = train.dim();
        double[] median = new double[dim];
        double[] range = new double[dim];
        int together = Math.max(1, Math.min(dim, VALUES_AT_ONCE / train.size()));
        for (int first = 0; first < dim; first += together) {
            float[][] columns = columns(train, first, Math.min(together, dim - first));
            for (int c = 0; c < columns.length; c++) {
                Arrays.sort(columns[c]);
                median[first + c] = quantile(columns[c], 0.5);
                double distance = quantile(columns[c], 0.75) - quantile(columns[c], 0.25);
                range[first + c] = distance == 0 ? 1 : distance;
            }
        }
        return affine(median, range);
    }

    private static float[][] columns(FeatureRows rows, int first, int count) {
        float[][] columns = new float[count][rows.size()];
        rows.forEachRow((row, values, at) -> {
            for (int c = 0; c < count; c++) {
                columns[c][row] = values[at + first + c];
            }
        });
        return columns;
    }

    private static double quantile(float[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * ((double) sorted[above] - sorted[below]);
    }

    /** Mean and population variance (ddof 0) of each column, in two passes over a table. */
    static final class Moments {

        final double[] mean;
        private final double[] variance;
        private final int rows;

        private Moments(int rows, double[] mean, double[] variance) {
            this.rows = rows;
            this.mean = mean;
            this.variance = variance;
        }

        static Moments of(FeatureRows rows) {
            double[] mean = means(rows, new double[rows.dim()], 1);
            return new Moments(rows.size(), mean, means(rows, mean, 2));
        }

        /** Standard deviations, 1 for a constant column. */
        double[] deviations() {
            double[] deviations = new double[variance.length];
            for (int d = 0; d < deviations.length; d++) {
                // The mean of equal values may be rounded; their variance is then the square of that rounding.
                double rounding = rows * 0x1p-52 * mean[d];
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
            double[] sums = new double[rows.dim()];
            rows.forEachRow((row, values, at) -> {
                for (int d = 0; d < sums.length; d++) {
                    double difference = values[at + d] - about[d];
                    sums[d] += power == 1 ? difference : difference * difference;
                }
            });
            Arrays.setAll(sums, d -> sums[d] / rows.size());
            return sums;
        }
    }
}
