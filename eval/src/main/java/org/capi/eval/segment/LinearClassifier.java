package org.capi.eval.segment;

import org.capi.eval.rows.FeatureRows;

/** A fitted logistic regression. */
public final class LinearClassifier {

    private static final int ROWS_AT_ONCE = 1024;

    private final int[] classes;
    private final double[] point;
    private final double objective;
    private final double gradient;
    private final int iterations;
    private final int evaluations;

    LinearClassifier(
            int[] classes, double[] point, double objective, double gradient, int iterations, int evaluations) {
        this.classes = classes;
        this.point = point;
        this.objective = objective;
        this.gradient = gradient;
        this.iterations = iterations;
        this.evaluations = evaluations;
    }

    /** What was minimised, {@code Σ log-losses + |W|²/(2C)}. */
    public double objective() {
        return objective;
    }

    /** The largest entry of the gradient of the objective's mean over the rows. */
    public double gradient() {
        return gradient;
    }

    /** The steps that were taken. */
    public int iterations() {
        return iterations;
    }

    /** How often the objective was computed. */
    public int evaluations() {
        return evaluations;
    }

    /** The labels, in order, one for each row of the weights. */
    int[] classes() {
        return classes.clone();
    }

    /** {@code [classes, dim + 1]}: the weights of a class and behind them its intercept. */
    double[] weights() {
        return point.clone();
    }

    /** The most likely label of each row; the smallest of equally likely ones. */
    public byte[] predict(FeatureRows rows) {
        byte[] predicted = new byte[rows.size()];
        int dim = rows.dim();
        float[] block = new float[ROWS_AT_ONCE * dim];
        for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
            int count = Math.min(ROWS_AT_ONCE, rows.size() - from);
            rows.read(from, count, block, 0);
            for (int row = 0; row < count; row++) {
                predicted[from + row] = (byte) classes[likeliest(block, row * dim, dim)];
            }
        }
        return predicted;
    }

    private int likeliest(float[] block, int at, int dim) {
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes.length; c++) {
            double logit = point[c * (dim + 1) + dim];
            for (int d = 0; d < dim; d++) {
                logit += point[c * (dim + 1) + d] * block[at + d];
            }
            if (logit > most) {
                most = logit;
                best = c;
            }
        }
        return best;
    }
}
