package org.capi.train.metrics;

/**
 * All of a step that depends on the clock.
 *
 * @param unixMillis when the step ended
 * @param stepSeconds how long it took, its wait included
 * @param dataWaitSeconds how long of that it waited for its batch
 * @param imagesPerSecond of this step
 * @param residentBytes memory of the process
 * @param heapBytes of that, used in the Java heap
 */
public record StepTimes(
        long unixMillis,
        double stepSeconds,
        double dataWaitSeconds,
        double imagesPerSecond,
        long residentBytes,
        long heapBytes) {}
