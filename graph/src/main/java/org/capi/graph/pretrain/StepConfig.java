package org.capi.graph.pretrain;

import org.capi.graph.clustering.ClusteringConfig;
import org.capi.graph.optim.AdamW;
import org.capi.graph.vit.VitConfig;

/**
 * What a training step computes.
 *
 * @param vit the sizes of student and teacher
 * @param pretext what the student is asked
 * @param clustering clusters and losses
 * @param depth stochastic depth of the student
 * @param student the optimizer of backbone and prediction head
 * @param prototypes the optimizer of the clustering head
 * @param batch sizes of the inputs
 * @param memory what is done to need less of it
 * @param lanes how many chains of ops the step offers to run side by side: the cores of a CPU are busier with few ops that
 *     need no other core than with one op that is cut for all of them; 1 on a GPU
 * @param compiled whether XLA compiles the step, whole or in clusters: then nothing in it branches
 * @param window over how many steps collapse is measured
 * @param seed from which initial values and draws derive
 */
public record StepConfig(
        VitConfig vit,
        Pretext pretext,
        ClusteringConfig clustering,
        DepthConfig depth,
        AdamW student,
        AdamW prototypes,
        BatchShape batch,
        Memory memory,
        int lanes,
        boolean compiled,
        CollapseWindow window,
        long seed) {

    /** Checks that the micro-batches are equal, the lanes, and the predictor's width against what is asked of it. */
    public StepConfig {
        pretext.check(vit);
        if (lanes < 1) {
            throw new IllegalArgumentException("lanes must be at least 1, was " + lanes);
        }
        if (batch.images() % memory.microBatches() != 0) {
            throw new IllegalArgumentException("micro_batches must divide the batch of " + batch.images()
                    + " images, was " + memory.microBatches());
        }
    }

    /** The same step in other lanes, for XLA or not. */
    public StepConfig with(int count, boolean forXla) {
        return new StepConfig(
                vit, pretext, clustering, depth, student, prototypes, batch, memory, count, forXla, window, seed);
    }

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

    /**
     * How a step saves memory; neither changes what it computes.
     *
     * @param microBatches in how many equal parts, one after the other, the images go through teacher and student; the
     *     clustering still sees them all together
     * @param activations what the student's backward pass finds of its forward pass
     */
    public record Memory(int microBatches, Activations activations) {

        /** The fastest step: all images at once, every activation kept. */
        public static final Memory PLENTY = new Memory(1, Activations.KEPT);

        /** Checks the count. */
        public Memory {
            if (microBatches < 1) {
                throw new IllegalArgumentException("micro_batches must be at least 1, was " + microBatches);
            }
        }
    }

    /** What the backward pass of the student finds of the forward pass. */
    public enum Activations {
        /** Everything that it needs. */
        KEPT,
        /** The input of each block; the rest is computed again, block by block. */
        RECOMPUTED
    }
}
