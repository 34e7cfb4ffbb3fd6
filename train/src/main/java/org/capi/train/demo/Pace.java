package org.capi.train.demo;

import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.train.bench.StepBench;
import org.capi.train.config.PretrainConfig;

/**
 * How many steps fit into a time on this machine.
 *
 * @param seconds to train
 * @param stepSeconds that a step takes, measured
 */
record Pace(double seconds, double stepSeconds) {

    private static final Logger log = LogManager.getLogger(Pace.class);
    private static final int WARM_UP = 2;
    private static final int TIMED = 6;
    /** Decoding shares the cores with the step. */
    private static final double WITH_DATA = 1.15;

    private static final int LEAST = 20;
    private static final int ROUND = 10;

    /** Times a few steps, which count as part of the time. */
    static Pace of(PretrainConfig config, double seconds) {
        long started = System.nanoTime();
        double step = new StepBench(config, WARM_UP, TIMED, false)
                .run((done, total) -> {})
                .medianSeconds();
        double left = seconds - (System.nanoTime() - started) / 1e9;
        return new Pace(left, step);
    }

    /** The steps that fit, at most those of the preset. */
    int steps(PretrainConfig config) {
        int fit = (int) (seconds / (stepSeconds * WITH_DATA)) / ROUND * ROUND;
        int steps = Math.max(LEAST, Math.min(config.optim().totalSteps(), fit));
        log.info("a step takes {} ms here: {} steps", Math.round(1000 * stepSeconds), steps);
        return steps;
    }

    /** The preset's schedule over another number of steps. */
    static List<String> overrides(PretrainConfig config, int steps) {
        var optim = config.optim();
        long warmUp = Math.round((double) optim.warmupSteps() * steps / optim.totalSteps());
        return List.of(
                "optim.total_steps=" + steps,
                "optim.warmup_steps=" + warmUp,
                "checkpoint.every=" + Math.max(1, steps / 2));
    }
}
