package org.capi.graph.pretrain;

import java.util.Locale;
import org.capi.graph.clustering.ClusteringConfig;
import org.capi.graph.optim.AdamW;
import org.capi.graph.vit.VitConfig;

/**
 * What a training step computes, and how.
 *
 * @param vit the sizes of student and teacher
 * @param objective what the student predicts
 * @param clustering clusters and losses
 * @param depth stochastic depth of the student
 * @param studentOptimizer of backbone and prediction head
 * @param clusteringOptimizer of the clustering head
 * @param batch sizes of the inputs
 * @param plan how a machine executes it
 * @param window over how many steps collapse is measured
 * @param seed from which initial values and random drops derive
 */
public record StepConfig(
        VitConfig vit,
        ObjectiveConfig objective,
        ClusteringConfig clustering,
        DepthConfig depth,
        AdamW studentOptimizer,
        AdamW clusteringOptimizer,
        BatchShape batch,
        ExecutionPlan plan,
        CollapseWindow window,
        long seed) {

    public StepConfig {
        objective.check(vit);
        if (batch.images() % plan.microBatches() != 0) {
            throw new IllegalArgumentException(
                    "micro_batches must divide the batch of " + batch.images() + " images, was " + plan.microBatches());
        }
    }

    /** The same step in other parallel streams, for XLA or not. */
    public StepConfig with(int parallelStreams, boolean compiled) {
        return with(plan.with(parallelStreams, compiled));
    }

    /** The same step with fused attention or without. */
    public StepConfig withFusedAttention(boolean fused) {
        return with(plan.withFusedAttention(fused));
    }

    private StepConfig with(ExecutionPlan other) {
        return new StepConfig(
                vit, objective, clustering, depth, studentOptimizer, clusteringOptimizer, batch, other, window, seed);
    }

    /** What the student predicts of a patch, its head, and where the targets come from. */
    public record ObjectiveConfig(PretrainObjective objective, StudentHead studentHead, TargetSource targets) {

        /** CAPI's own. */
        public static final ObjectiveConfig CAPI =
                new ObjectiveConfig(PretrainObjective.CLUSTERING, StudentHead.LINEAR, TargetSource.EMA);

        public ObjectiveConfig {
            if (objective.assigns() ? studentHead == StudentHead.IDENTITY : studentHead == StudentHead.MLP) {
                String rule = objective.assigns()
                        ? "linear or mlp when objective is " + objective + ", whose prototypes a head scores"
                        : "identity or linear when objective is direct, which has no prototypes to score";
                throw new IllegalArgumentException("student_head must be " + rule + ", was " + studentHead);
            }
            if (objective.assigns() && targets == TargetSource.PIXELS) {
                throw new IllegalArgumentException("targets must be ema or frozen when objective is " + objective
                        + ": pixels are predicted as they are, by the objective direct, was pixels");
            }
            if (objective == PretrainObjective.IBOT && targets != TargetSource.EMA) {
                throw new IllegalArgumentException("targets must be ema when objective is ibot, whose teacher's head"
                        + " follows the student's as its encoder does, was " + targets);
            }
        }

        /** Refuses a predictor whose output cannot be compared with the targets as it is. */
        public void check(VitConfig vit) {
            int width = targets.width(vit);
            boolean identity = studentHead == StudentHead.IDENTITY;
            if ((identity || objective == PretrainObjective.IBOT) && vit.predictorDim() != width) {
                String wanted =
                        targets == TargetSource.PIXELS ? "the " + width + " numbers of a patch" : "dim, " + width;
                String why = identity
                        ? "student_head is identity, which compares it with the target"
                        : "objective is ibot, whose one head reads predictor and encoder";
                throw new IllegalArgumentException(
                        "predictor_dim must be " + wanted + ", when " + why + ", was " + vit.predictorDim());
            }
        }
    }

    /** What the student predicts of a patch that it does not see. */
    public enum PretrainObjective {
        /** Its assignment to the prototypes of a trained clustering of the teacher's patches (CAPI). */
        CLUSTERING,
        /** Its assignment to the prototypes of the student's own head, by that head's moving average (as in iBOT). */
        IBOT,
        /** The target itself, number by number (as in I-JEPA). */
        DIRECT;

        /** Whether targets are assignments to prototypes. */
        public boolean assigns() {
            return this != DIRECT;
        }

        /** Whether a clustering is trained next to the student. */
        public boolean clusters() {
            return this == CLUSTERING;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What follows the predictor: a linear map, DINO's three layers before it, or nothing. */
    public enum StudentHead {
        LINEAR,
        MLP,
        IDENTITY;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Where targets come from: the student's moving average, an encoder that never changes, or the pixels of the patch.
     */
    public enum TargetSource {
        EMA,
        FROZEN,
        PIXELS;

        /** How many numbers a target has before it is assigned to anything. */
        int width(VitConfig vit) {
            return this == PIXELS ? 3 * vit.patchSize() * vit.patchSize() : vit.dim();
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
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
        public BatchShape {
            if (images < 1 || visible < 1 || predicted < 1) {
                throw new IllegalArgumentException("a batch needs at least 1 image with 1 visible patch and 1 predicted"
                        + " position, was " + images + ", " + visible + ", " + predicted);
            }
        }
    }

    /**
     * Over how many steps the signs of collapse are measured: a step counts {@code decay} times as much as the one
     * after it, and all together give an estimate as steady as one from {@code steps} steps of equal weight.
     */
    public record CollapseWindow(int steps) {

        public CollapseWindow {
            if (steps < 1) {
                throw new IllegalArgumentException("collapse_window must be at least 1 step, was " + steps);
            }
        }

        /**
         * {@code (steps - 1) / (steps + 1)}: weights wᵢ = decayⁱ have (Σw)² / Σw² = (1 + decay) / (1 - decay) = steps.
         */
        double decay() {
            return (steps - 1.0) / (steps + 1.0);
        }

        /**
         * How much the positional collapse of tokens without any is overestimated once the window is full: mutual
         * information estimated from N tokens is too large by (positions - 1)·(prototypes - 1) / (2N) nats on average
         * (Miller 1955), where each token has one prototype. Soft and positionwise balanced assignments come out lower.
         *
         * @param images of a step, each with a token at every position
         */
        public double bias(long positions, long prototypes, long images) {
            if (positions == 1) {
                return 0;
            }
            double tokens = (double) steps * images * positions;
            return (positions - 1.0) * (prototypes - 1.0) / (2 * tokens) / Math.log((double) positions);
        }
    }
}
