package org.capi.train.bench;

/**
 * How long logistic regression took to its tolerance.
 *
 * @param objective {@code Σ log-losses + |W|²/(2C)} at the end
 * @param gradient the largest entry of the gradient of the objective's mean over the rows
 */
public record LogisticTimes(
        int rows,
        int dim,
        int classes,
        double c,
        double tolerance,
        int threads,
        double seconds,
        int iterations,
        int evaluations,
        double objective,
        double gradient) {}
