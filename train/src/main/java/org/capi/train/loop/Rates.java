package org.capi.train.loop;

import org.capi.graph.optim.Schedule;
import org.capi.train.config.Optim;

/** The scheduled values of every step. */
public record Rates(Schedule learningRate, Schedule clusteringLearningRate, Schedule momentum, Optim optim) {

    /** The schedules of a configuration. */
    public static Rates of(Optim optim) {
        return new Rates(
                schedule(optim, optim.learningRateStart(), optim.learningRate(), optim.learningRateFinal()),
                schedule(
                        optim,
                        optim.clusteringLearningRateStart(),
                        optim.clusteringLearningRate(),
                        optim.clusteringLearningRateFinal()),
                schedule(optim, optim.momentumStart(), optim.momentum(), optim.momentumFinal()),
                optim);
    }

    /** In the order of {@link org.capi.graph.pretrain.Inputs#rates()}. */
    public double[] at(long step) {
        return new double[] {
            learningRate.at(step),
            clusteringLearningRate.at(step),
            optim.weightDecay(),
            optim.clusteringWeightDecay(),
            momentum.at(step)
        };
    }

    private static Schedule schedule(Optim optim, double start, double base, double end) {
        return Schedule.of(start, base, end, optim.warmupSteps(), optim.cosineTruncation(), optim.totalSteps());
    }
}
