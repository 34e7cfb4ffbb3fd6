package org.capi.train.config;

/**
 * What a run says of its progress.
 *
 * @param every steps between two lines on the console, and between two points in TensorBoard
 * @param collapseWindow over how many steps the use of prototypes and their dependence on positions are measured
 * @param tensorboard whether event files for TensorBoard are written
 */
public record Metrics(int every, int collapseWindow, boolean tensorboard) {

    public Metrics {
        Rule.atLeast("metrics.every", 1, every);
        Rule.atLeast("metrics.collapse_window", 1, collapseWindow);
    }
}
