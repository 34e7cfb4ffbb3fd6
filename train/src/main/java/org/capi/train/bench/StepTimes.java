package org.capi.train.bench;

/**
 * How long steps took.
 *
 * @param batchSize images of a step
 * @param firstStepSeconds from building the graph to the end of the first step, compilation included
 * @param minSeconds the fastest timed step
 * @param medianSeconds the median of the timed steps
 * @param maxSeconds the slowest timed step
 * @param imagesPerSecond at the median
 */
public record StepTimes(
        int batchSize,
        double firstStepSeconds,
        double minSeconds,
        double medianSeconds,
        double maxSeconds,
        double imagesPerSecond) {}
