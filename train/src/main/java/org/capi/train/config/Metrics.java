package org.capi.train.config;

/**
 * What a run says of its progress.
 *
 * @param every steps between two lines on the console, and between two points in TensorBoard
 * @param tensorboard whether event files for TensorBoard are written
 */
public record Metrics(int every, boolean tensorboard) {

    public Metrics {
        Rule.atLeast("metrics.every", 1, every);
    }
}
