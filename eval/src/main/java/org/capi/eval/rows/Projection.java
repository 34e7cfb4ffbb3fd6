package org.capi.eval.rows;

/** {@code axes · (x - mean)}, each result divided by a number of its own. */
final class Projection implements Standardiser {

    /** Variance, relative to the largest, below which a direction is rounding noise that whitening must not enlarge. */
    private static final double NOISE = 1e-12;

    private final double[] mean;
    private final double[] axes;
    private final double[] divisors;

    private Projection(double[] mean, double[] axes, double[] divisors) {
        this.mean = mean;
        this.axes = axes;
        this.divisors = divisors;
    }

    /** On the principal axes; there are no more of them than rows. */
    static Projection of(Covariance covariance, int rows, Scale scale) {
        int dim = covariance.mean().length;
        double[] divisors = new double[Math.min(dim, rows)];
        for (int k = 0; k < divisors.length; k++) {
            double variance = covariance.variances()[k];
            boolean noise = variance <= NOISE * covariance.variances()[0];
            divisors[k] = scale == Scale.KEPT || noise ? 1 : Math.sqrt(variance);
        }
        return new Projection(covariance.mean(), covariance.axes(), divisors);
    }

    /** What becomes of the components' variances. */
    enum Scale {
        KEPT,
        WHITENED
    }

    @Override
    public int dim(int before) {
        return divisors.length;
    }

    @Override
    public void apply(float[] values, int count, int dim) {
        double[] centred = new double[dim];
        for (int row = 0; row < count; row++) {
            for (int d = 0; d < dim; d++) {
                centred[d] = values[row * dim + d] - mean[d];
            }
            // Row by row the result is no longer than what it takes the place of.
            for (int k = 0; k < divisors.length; k++) {
                values[row * divisors.length + k] = (float) (dot(centred, k) / divisors[k]);
            }
        }
    }

    private double dot(double[] centred, int axis) {
        double sum = 0;
        for (int d = 0; d < centred.length; d++) {
            sum += axes[axis * centred.length + d] * centred[d];
        }
        return sum;
    }
}
