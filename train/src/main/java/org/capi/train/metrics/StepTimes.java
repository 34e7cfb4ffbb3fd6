package org.capi.train.metrics;

/**
 * All of a step that depends on the clock.
 *
 * @param unixMillis when the step ended
 * @param stepSeconds how long it took, its wait included
 * @param dataWaitSeconds how long of that it waited for its batch
 */
public record StepTimes(long unixMillis, double stepSeconds, double dataWaitSeconds) {}
