package org.capi.train.bench;

import java.util.List;

/**
 * How long steps took.
 *
 * @param batchSize images of a step
 * @param firstStepSeconds from building the graph to the end of the first step, compilation included
 * @param minSeconds the fastest timed step
 * @param medianSeconds the median of the timed steps
 * @param maxSeconds the slowest timed step
 * @param imagesPerSecond at the median
 * @param ops where the time of one more step went, the longest first; empty unless asked for
 */
public record StepTimes(
        int batchSize,
        double firstStepSeconds,
        double minSeconds,
        double medianSeconds,
        double maxSeconds,
        double imagesPerSecond,
        List<OpTime> ops) {

    /** Keeps an unmodifiable copy. */
    public StepTimes {
        ops = List.copyOf(ops);
    }
}
