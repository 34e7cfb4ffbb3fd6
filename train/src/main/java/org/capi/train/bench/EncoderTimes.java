package org.capi.train.bench;

/**
 * How long an exported encoder took for batches of one size.
 *
 * @param batchSize images of a call
 * @param imageSize their side in pixels
 * @param calls how many were timed
 * @param minMillis the fastest call
 * @param medianMillis the median call
 * @param imagesPerSecond at the median
 */
public record EncoderTimes(
        int batchSize, int imageSize, int calls, double minMillis, double medianMillis, double imagesPerSecond) {}
