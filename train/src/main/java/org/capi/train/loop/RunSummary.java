package org.capi.train.loop;

import static org.capi.train.metrics.ProgressLine.count;

import java.util.Locale;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.batch.Images;
import org.capi.graph.clustering.RecomputedClustering;
import org.capi.graph.clustering.SinkhornKnopp;
import org.capi.graph.pretrain.ExecutionPlan.Recompute;
import org.capi.graph.pretrain.StepConfig.TargetSource;
import org.capi.graph.vit.Predictor;
import org.capi.train.config.PretrainConfig;
import org.capi.train.config.PretrainConfig.Capi;
import org.capi.train.config.PretrainConfig.ComputeType;
import org.capi.train.config.PretrainConfig.DeviceChoice;
import org.capi.train.config.PretrainConfig.Xla;

/** What a run logs when it starts or continues: objective, sizes, memory, data and device. */
final class RunSummary {

    private static final Logger log = LogManager.getLogger(RunSummary.class);

    /** The paper has 1; the smallest preset that was trained and stayed healthy has this many. */
    private static final double MIN_IMAGES_PER_PROTOTYPE = 0.25;

    /** The paper warms up for a tenth of the steps. */
    private static final double MAX_WARM_UP = 0.2;

    private RunSummary() {}

    static void log(PretrainConfig config, StepSession session, Images images) {
        var model = config.model();
        var capi = config.capi();
        var optim = config.optim();
        int patches = config.patches();
        double shown = (double) optim.totalSteps() * optim.batchSize();
        if (images.parts().size() > 1) {
            PretrainRun.sets(images).forEach(set -> log.info("{}: {} images", set.path(), count(set.images())));
        }
        log.info(
                "data: {} images; {} steps of {} images are {} epochs",
                count(images.size()),
                count(optim.totalSteps()),
                optim.batchSize(),
                String.format(Locale.ROOT, "%.1f", shown / images.size()));
        if (optim.warmupSteps() > MAX_WARM_UP * optim.totalSteps()) {
            log.warn(
                    "optim.warmup_steps {} is more than a fifth of the {} steps, which leaves little of the run for the"
                            + " full learning rate; a tenth is usual: optim.warmup_steps={}",
                    count(optim.warmupSteps()),
                    count(optim.totalSteps()),
                    Math.max(1, optim.totalSteps() / 10));
        }
        log.info(
                "each image: {} patches; the student sees {} of them and predicts {} of the others",
                patches,
                patches - config.data().masked(patches),
                config.data().predicted(patches));
        log.info(
                "model: encoder of {} blocks, width {}, patch size {}, {} registers; {}; {} trainable parameters",
                model.depth(),
                model.dim(),
                model.patchSize(),
                model.registers(),
                model.predictor() == Predictor.Kind.FUSED
                        ? "the encoder is the predictor too (fused)"
                        : model.predictor() + " predictor of " + model.predictorDepth() + " blocks, width "
                                + model.predictorDim(),
                count(session.parameters()));
        log.info("objective: the student predicts {}", goal(capi));
        MemoryEstimate memory = MemoryEstimate.of(
                config,
                session.cluster().workers(),
                session.studentParameters(),
                session.stateBytes(),
                session.xla() == Xla.STEP,
                session.fusedAttention());
        log.info(
                "memory: about {}, of which {} for weights and optimizer state",
                gigabytes(memory.total()),
                gigabytes(session.stateBytes()));
        double each = (double) optim.batchSize() / capi.prototypes();
        if (capi.sinkhorn() == SinkhornKnopp.Grouping.POSITIONWISE && each < MIN_IMAGES_PER_PROTOTYPE) {
            log.warn(
                    "optim.batch_size {} is small for capi.prototypes {}: the positionwise Sinkhorn-Knopp shares each"
                            + " position's images out evenly among the prototypes, and {} images for each prototype are"
                            + " too few; use a batch of at least {}, or at most {} prototypes",
                    optim.batchSize(),
                    capi.prototypes(),
                    String.format(Locale.ROOT, "%.3g", each),
                    count((long) Math.ceil(MIN_IMAGES_PER_PROTOTYPE * capi.prototypes())),
                    count((long) (optim.batchSize() / MIN_IMAGES_PER_PROTOTYPE)));
        }
        int workers = session.cluster().workers();
        if (workers > 1) {
            log.info(
                    "workers: {}, each with {} of the {} images of a step; the numbers for memory are of each",
                    workers,
                    optim.batchSize() / workers,
                    optim.batchSize());
        }
        log.info(
                "device: {}, {}{}",
                session.device() == DeviceChoice.GPU ? "GPU" : "CPU",
                config.compute().type(),
                switch (session.xla()) {
                    case STEP -> ", the whole step compiled by XLA";
                    case AUTO -> ", parts of the step compiled by XLA";
                    case OFF -> "";
                });
    }

    private static String goal(Capi capi) {
        String features = switch (capi.targets()) {
            case EMA -> "the teacher's patch features";
            case FROZEN -> "the frozen teacher's patch features";
            case PIXELS -> "the normalised pixels of the patches";
        };
        String teacher = switch (capi.targets()) {
            case EMA -> "; the teacher is a moving average (EMA) of the student";
            case FROZEN -> "; the teacher is " + capi.teacher();
            case PIXELS -> "";
        };
        return switch (capi.objective()) {
                    case CLUSTERING -> "the clusters of " + features;
                    case IBOT -> "the prototypes assigned to " + features;
                    case DIRECT -> features;
                }
                + switch (capi.studentHead()) {
                    case LINEAR -> ", through a linear head";
                    case MLP -> ", through an MLP head";
                    case IDENTITY -> "";
                }
                + teacher;
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }

    /**
     * How much memory a step needs, by rules of thumb: the variables and gradients are counted, activations by the ops
     * of a block, and what an update and the graph need in addition as measured. Compared with the peaks of two sizes
     * of model on a CPU, in both compute types, in micro-batches and with recomputation, it was off by 30 % at most,
     * and mostly too low. For a step that is one function with fused attention, it was compared with what XLA assigns
     * to a program for a GPU: see train/PERFORMANCE.md. With plain attention, standard Sinkhorn-Knopp or micro-batches it
     * was not.
     *
     * @param state bytes of the variables
     * @param work bytes of gradients, updates, features, assignments, activations at their peak, and the graph
     */
    record MemoryEstimate(long state, long work) {

        /** Of what {@link Costs#kept} counts, the output of the GELU. */
        private static final double GELU = 4;

        private static final double CHUNK_BYTES = 128 << 20;
        private static final double MAX_CHUNKS = 32;

        /**
         * How many numbers a step holds for each of its parts; of the compute type where nothing else is given.
         *
         * @param kept per token and channel of a block, for its backward pass
         * @param inputs per token and channel of a block, images that drop the branch included
         * @param context per token and channel of the context of a block of the predictor
         * @param forward per token and channel of a block without a backward pass
         * @param scores float32, per pair of a query and a key and per head
         * @param logits float32 matrices, each of the size of a chunk of logits, in the clustering
         * @param positions by which factor a chunk has more positions than op by op
         * @param gradients per student parameter, with recomputed blocks only
         * @param updated float32, per student parameter: its gradient, and what an update holds before it is written
         * @param blockBytes bytes of the graph itself, for all copies of a block
         */
        private record Costs(
                double kept,
                double inputs,
                double context,
                double forward,
                double scores,
                double logits,
                double positions,
                double gradients,
                double updated,
                double blockBytes) {

            /** Op by op, and in clusters of ops, though these were not compared. */
            private static final Costs OF_OPS = new Costs(30, 0, 6, 14, 3, 5, 1, 0, 4, 12 << 20);

            /**
             * As one function: updates are made in place.
             *
             * @param recomputed whether the clustering keeps only logits, of the compute type, see {@link
             *     RecomputedClustering}
             */
            private static Costs ofFunction(boolean fusedAttention, boolean recomputed, int width) {
                double logits = recomputed ? 0.5 * width : OF_OPS.logits;
                double positions = recomputed ? 16 : OF_OPS.positions;
                return new Costs(14, 2, 3, 10, fusedAttention ? 0 : 1.5, logits, positions, 1, 0, 0);
            }
        }

        /**
         * For a configuration.
         *
         * @param workers that share a batch; the estimate is of one of them
         * @param student the numbers of the student
         * @param state bytes of all variables
         * @param oneFunction whether XLA compiles the whole step as one function
         * @param fusedAttention whether attention is computed by fused kernels, which store no scores
         */
        static MemoryEstimate of(
                PretrainConfig config,
                int workers,
                long student,
                long state,
                boolean oneFunction,
                boolean fusedAttention) {
            var model = config.model();
            int width = config.compute().type() == ComputeType.FLOAT32 ? Float.BYTES : Short.BYTES;
            double batch = (double) config.optim().batchSize() / workers;
            double images = batch / config.optim().microBatches();
            int patches = config.patches();
            double seen = patches - config.data().masked(patches) + model.registers();
            double predicted = config.data().predicted(patches);
            double kept = images * (1 - model.stochasticDepth());
            double all = seen + predicted;
            double encoded = model.predictor() == Predictor.Kind.FUSED ? all : seen;
            double queries = model.predictor() == Predictor.Kind.SELF_ATTENTION ? all : predicted;
            double attended = model.predictor() == Predictor.Kind.SELF_ATTENTION ? all : seen;
            var recompute = config.compute().recompute();
            boolean recomputed = RecomputedClustering.supports(config.capi().clustering());
            var costs = oneFunction ? Costs.ofFunction(fusedAttention, recomputed, width) : Costs.OF_OPS;
            double numbers = recompute == Recompute.GELU ? costs.kept - GELU : costs.kept;
            double scores = costs.scores;
            double encoder = block(kept, encoded, encoded, model.dim(), scores * model.heads(), numbers, width);
            double predictor = block(
                    kept, queries, attended, model.predictorDim(), scores * model.predictorHeads(), numbers, width);
            if (model.predictor() == Predictor.Kind.CROSS_ATTENTION) {
                predictor += kept * seen * model.predictorDim() * costs.context * width;
            }
            double inputs = images
                    * width
                    * (encoded * model.dim() * model.depth() + queries * model.predictorDim() * model.predictorDepth());
            double studied = recompute == Recompute.BLOCKS
                    ? inputs + Math.max(encoder, predictor) + costs.gradients * student * width
                    : costs.inputs * inputs + encoder * model.depth() + predictor * model.predictorDepth();
            double whole = patches + model.registers();
            boolean ofPixels = config.capi().targets() == TargetSource.PIXELS;
            double taught = ofPixels
                    ? 0
                    : block(images, whole, whole, model.dim(), scores * model.heads(), costs.forward, width);
            double features = ofPixels ? 3.0 * model.patchSize() * model.patchSize() : model.dim();
            boolean assigns = config.capi().objective().assigns();
            double logits =
                    assigns ? Float.BYTES * batch * patches * config.capi().prototypes() : 0;
            double chunk = Math.min(logits, costs.positions * Math.max(CHUNK_BYTES, logits / MAX_CHUNKS));
            double pixels = 3.0
                    * config.data().imageSize().height()
                    * config.data().imageSize().width();
            double always = batch * pixels * (1 + Float.BYTES)
                    + batch * patches * features * width
                    + batch * predicted * (assigns ? config.capi().prototypes() : features) * Float.BYTES;
            double update = (double) student * (costs.updated * Float.BYTES + (width < Float.BYTES ? width : 0));
            double peak = Math.max(taught, Math.max(chunk * costs.logits, update + studied));
            double graph = costs.blockBytes * (model.depth() + model.predictorDepth());
            return new MemoryEstimate(state, Math.round(always + peak + graph));
        }

        /** Of a block for queries that see keys. */
        private static double block(
                double images, double queries, double keys, double dim, double scores, double numbers, int width) {
            return images * queries * (numbers * dim * width + scores * keys * Float.BYTES);
        }

        long total() {
            return state + work;
        }
    }
}
