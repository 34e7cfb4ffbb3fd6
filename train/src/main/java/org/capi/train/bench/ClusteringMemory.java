package org.capi.train.bench;

/**
 * How much memory the clustering part of a step takes.
 *
 * @param sinkhorn which tokens are normalised together
 * @param logitsBytes of one float32 matrix of all logits
 * @param peakBytes the most memory that the process held during a step, less what it held before
 * @param ratio peak / logits
 * @param seconds of the step
 */
public record ClusteringMemory(
        String sinkhorn,
        int batchSize,
        int positions,
        int prototypes,
        long logitsBytes,
        long peakBytes,
        double ratio,
        double seconds) {}
