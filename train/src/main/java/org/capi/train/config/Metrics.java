package org.capi.train.config;

/**
 * What a run says of its progress.
 *
 * @param every steps between two lines on the console
 * @param collapseWindow over how many steps the use of prototypes and their dependence on positions are measured
 */
public record Metrics(int every, int collapseWindow, boolean tensorboard) {

    public Metrics {
        Rule.atLeast("metrics.every", 1, every);
        Rule.atLeast("metrics.collapse_window", 1, collapseWindow);
        Rule.check(!tensorboard, "metrics.tensorboard", "must be false: TensorBoard is not supported yet", tensorboard);
    }
}
