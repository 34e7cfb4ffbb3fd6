package org.capi.train.metrics;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one step of a pretraining. What the objective does not have is null, and not written: the clustering's
 * numbers where nothing is clustered, those of assignments where nothing is assigned.
 *
 * @param step the steps made so far, this one included: the first has 1, and the checkpoint of this number follows it
 * @param targetEntropy the mean entropy of the assignments that the student predicts, in nats
 * @param gradientNorm the length of the student's gradient
 * @param clusteringGradientNorm the length of the clustering head's gradient
 * @param updateRatio the length of the student's update over the length of its weights
 * @param prototypeUse exp(entropy of the mean assignment) / prototypes: 1 when all are used alike
 * @param positionalCollapse mutual information of position and prototype / log(positions): 0 when there is none
 * @param updated whether the weights were changed; not when a loss or a gradient was not finite
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StepMetrics(
        long step,
        double studentLoss,
        @Nullable Double clusteringLoss,
        @Nullable Double targetEntropy,
        double learningRate,
        @Nullable Double clusteringLearningRate,
        double momentum,
        double gradientNorm,
        @Nullable Double clusteringGradientNorm,
        double updateRatio,
        @Nullable Double prototypeUse,
        @Nullable Double positionalCollapse,
        boolean updated) {

    /**
     * All of a step that depends on the clock.
     *
     * @param unixMillis when the step ended
     * @param stepSeconds how long it took, its wait included
     * @param dataWaitSeconds how long of that it waited for its batch
     * @param imagesPerSecond of this step
     * @param residentBytes memory of the process; null where the system does not tell
     * @param heapBytes of that, used in the Java heap
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Times(
            long unixMillis,
            double stepSeconds,
            double dataWaitSeconds,
            double imagesPerSecond,
            @Nullable Long residentBytes,
            long heapBytes) {

        /** Of a step of so many images that ends now. */
        public static Times now(double seconds, double waited, int images) {
            ProcessMemory memory = ProcessMemory.now();
            return new Times(
                    System.currentTimeMillis(),
                    seconds,
                    waited,
                    images / seconds,
                    memory.residentBytes(),
                    memory.heapBytes());
        }
    }
}
