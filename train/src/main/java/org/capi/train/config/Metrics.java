package org.capi.train.config;

/**
 * What a run says of its progress.
 *
 * @param every steps between two lines on the console
 */
public record Metrics(int every, boolean tensorboard) {

    public Metrics {
        Rule.atLeast("metrics.every", 1, every);
        Rule.check(!tensorboard, "metrics.tensorboard", "must be false: TensorBoard is not supported yet", tensorboard);
    }
}
