package org.capi.eval.probe;

/**
 * The factor on the learning rate of every probe: {@code warmupSteps} values on the line from 0 to 1, then half a cosine
 * from 1 down to 0 over the others; both ends of either are included, so the first and the last step change nothing.
 */
record ProbeSchedule(int warmupSteps, int steps) {

    ProbeSchedule {
        if (warmupSteps < 0 || warmupSteps > steps) {
            throw new IllegalArgumentException(
                    "warmup_steps must be between 0 and steps, " + steps + ", was " + warmupSteps);
        }
    }

    /** The factor at a step, counted from 0. */
    double at(int step) {
        if (step < warmupSteps) {
            return warmupSteps == 1 ? 0 : step / (warmupSteps - 1.0);
        }
        int n = steps - warmupSteps;
        return n == 1 ? 1 : (Math.cos(Math.PI * (step - warmupSteps) / (n - 1.0)) + 1) / 2;
    }
}
