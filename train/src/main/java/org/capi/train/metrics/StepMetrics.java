package org.capi.train.metrics;

/**
 * What one step of a pretraining measured, apart from its times.
 *
 * @param step the steps made so far, this one included: the first has 1, and the checkpoint of this number follows it
 * @param targetEntropy the mean entropy of the assignments that the student predicts, in nats
 */
public record StepMetrics(
        long step,
        double studentLoss,
        double clusteringLoss,
        double targetEntropy,
        double learningRate,
        double clusteringLearningRate,
        double momentum) {}
