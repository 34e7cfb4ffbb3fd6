package org.capi.train.metrics;

/**
 * What one step of a pretraining measured, apart from its times.
 *
 * @param step the steps made so far, this one included: the first has 1, and the checkpoint of this number follows it
 * @param targetEntropy the mean entropy of the assignments that the student predicts, in nats
 * @param gradientNorm the length of the student's gradient
 * @param clusteringGradientNorm the length of the clustering head's gradient
 * @param updateRatio the length of the student's update over the length of its weights
 * @param prototypeUse exp(entropy of the mean assignment) / prototypes: 1 when all are used alike
 * @param positionalCollapse mutual information of position and prototype / log(positions): 0 when there is none
 * @param updated whether the weights were changed; not when a loss or a gradient was no finite number
 */
public record StepMetrics(
        long step,
        double studentLoss,
        double clusteringLoss,
        double targetEntropy,
        double learningRate,
        double clusteringLearningRate,
        double momentum,
        double gradientNorm,
        double clusteringGradientNorm,
        double updateRatio,
        double prototypeUse,
        double positionalCollapse,
        boolean updated) {}
