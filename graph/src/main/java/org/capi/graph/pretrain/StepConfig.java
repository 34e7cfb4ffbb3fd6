package org.capi.graph.pretrain;

import org.capi.graph.clustering.ClusteringConfig;
import org.capi.graph.optim.AdamW;
import org.capi.graph.vit.VitConfig;

/**
 * What a training step computes.
 *
 * @param vit the sizes of student and teacher
 * @param clustering clusters and losses
 * @param depth stochastic depth of the student
 * @param student the optimizer of backbone and prediction head
 * @param prototypes the optimizer of the clustering head
 * @param batch sizes of the inputs
 * @param seed from which initial values and draws derive
 */
public record StepConfig(
        VitConfig vit,
        ClusteringConfig clustering,
        DepthConfig depth,
        AdamW student,
        AdamW prototypes,
        BatchShape batch,
        long seed) {

    /** Stochastic depth by kind and rate. */
    public record DepthConfig(DepthKind kind, double rate) {}

    /** Which images drop a residual branch. */
    public enum DepthKind {
        /** A subset of fixed size, for which nothing is computed. */
        EFFICIENT,
        /** Each image by its own draw. */
        NAIVE
    }

    /**
     * The sizes of a batch.
     *
     * @param images how many images
     * @param height of an image, in pixels
     * @param width of an image, in pixels
     * @param visible visible patches of an image
     * @param predicted positions that are predicted, of an image
     */
    public record BatchShape(int images, int height, int width, int visible, int predicted) {
        /** Checks the sizes. */
        public BatchShape {
            if (images < 1 || visible < 1 || predicted < 1) {
                throw new IllegalArgumentException("a batch needs at least 1 image with 1 visible patch and 1 predicted"
                        + " position, was " + images + ", " + visible + ", " + predicted);
            }
        }
    }
}
