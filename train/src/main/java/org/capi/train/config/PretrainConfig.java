package org.capi.train.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.capi.data.arrow.DatasetPath;
import org.capi.data.batch.BatchSettings;
import org.capi.data.mask.MaskGenerator;
import org.capi.data.mask.MaskGenerator.BlockMask;
import org.capi.data.mask.MaskGenerator.Edges;
import org.capi.data.mask.MaskGenerator.InverseBlockMask;
import org.capi.data.mask.MaskGenerator.UniformMask;
import org.capi.graph.clustering.ClusteringConfig;
import org.capi.graph.clustering.SinkhornKnopp;
import org.capi.graph.optim.AdamW;
import org.capi.graph.optim.AdamW.ParameterGroups;
import org.capi.graph.pretrain.ExecutionPlan;
import org.capi.graph.pretrain.ExecutionPlan.Recompute;
import org.capi.graph.pretrain.StepConfig;
import org.capi.graph.pretrain.StepConfig.BatchShape;
import org.capi.graph.pretrain.StepConfig.CollapseWindow;
import org.capi.graph.pretrain.StepConfig.DepthConfig;
import org.capi.graph.pretrain.StepConfig.DepthKind;
import org.capi.graph.pretrain.StepConfig.ObjectiveConfig;
import org.capi.graph.pretrain.StepConfig.PretrainObjective;
import org.capi.graph.pretrain.StepConfig.StudentHead;
import org.capi.graph.pretrain.StepConfig.TargetSource;
import org.capi.graph.vit.PositionEmbedding;
import org.capi.graph.vit.Predictor;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;

/**
 * Everything that decides what a pretraining computes; where its files lie is not part of it. One record for each
 * section of the YAML, its components in the order of the keys; no value has a default, so that the {@code config.yaml}
 * of a run tells everything that was computed.
 *
 * <p>What each key means and which values it takes is said in {@code keys.yaml}. The range of a number is checked by
 * the reader of the YAML, what concerns several keys by the constructors here, whose messages begin with the key; the
 * reader puts the section before it.
 */
public record PretrainConfig(
        Model model,
        Capi capi,
        Optim optim,
        Data data,
        Compute compute,
        Checkpointing checkpoint,
        MetricsSettings metrics,
        List<Evaluation> evals,
        long seed) {

    private static final int QUEUED_BATCHES = 3;

    public PretrainConfig {
        evals = List.copyOf(evals);
        int patch = model.patchSize;
        var size = data.imageSize;
        prefixed("model", () -> capi.objectiveConfig().check(model.vit(1, 1)));
        prefixed("capi", capi::clustering);
        check(
                size.height % patch == 0 && size.width % patch == 0,
                "data.image_size",
                "must be a multiple of model.patch_size, which is " + patch,
                size.written());
        int rows = size.height / patch;
        int columns = size.width / patch;
        int patches = rows * columns;
        check(
                data.masked(patches) > 0 && data.masked(patches) < patches,
                "data.mask_ratio",
                "must hide at least one and leave at least one of the " + patches + " patches",
                data.maskRatio);
        check(
                data.predicted(patches) > 0,
                "data.prediction_subsampling",
                "must leave at least one of the " + data.masked(patches) + " hidden patches to predict",
                data.predictionSubsampling);
        int block = data.mask == MaskKind.BLOCK ? data.masked(patches) : patches - data.masked(patches);
        check(
                data.mask == MaskKind.UNIFORM || blockFits(rows, columns, block, data.minAspect),
                "data.mask_ratio",
                "must leave room for a block of " + block + " patches with an aspect from data.min_aspect on in a grid"
                        + " of " + rows + " x " + columns,
                data.maskRatio);
    }

    private static void prefixed(String section, Runnable check) {
        try {
            check.run();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(section + "." + e.getMessage(), e);
        }
    }

    private static boolean blockFits(int rows, int columns, int block, double minAspect) {
        double flattest = Math.max(minAspect, block / (double) (columns * columns));
        double tallest = Math.min(1 / minAspect, rows * rows / (block + 1e-5));
        return flattest <= tallest;
    }

    /** The number of patches of one image. */
    public int patches() {
        return data.imageSize.height / model.patchSize * (data.imageSize.width / model.patchSize);
    }

    /** The sizes of the encoder and its predictor. */
    public VitConfig vit() {
        return model.vit(data.imageSize.height / model.patchSize, data.imageSize.width / model.patchSize);
    }

    /** What one step computes, in one stream. */
    public StepConfig step() {
        return step(1);
    }

    /** What one of several workers computes in a step, on its part of the batch. */
    public StepConfig step(int workers) {
        checkWorkers(workers);
        int patches = patches();
        return new StepConfig(
                vit(),
                capi.objectiveConfig(),
                capi.clustering(),
                new DepthConfig(model.stochasticDepthKind, model.stochasticDepth),
                optim.adam(new ParameterGroups(optim.patchEmbedLrMultiplier, optim.normWeightDecayMultiplier, 0)),
                optim.adam(ParameterGroups.UNIFORM),
                new BatchShape(
                        optim.batchSize / workers,
                        data.imageSize.height,
                        data.imageSize.width,
                        patches - data.masked(patches),
                        data.predicted(patches)),
                new ExecutionPlan(
                        optim.microBatches, compute.recompute, 1, false, compute.attention == AttentionKind.FUSED),
                new CollapseWindow(metrics.collapseWindow),
                seed);
    }

    /** Refuses a number of workers that this cannot be computed by. */
    public void checkWorkers(int workers) {
        if (workers == 1) {
            return;
        }
        check(
                optim.batchSize % workers == 0,
                "optim.batch_size",
                "must be a multiple of the number of workers, which is " + workers,
                optim.batchSize);
        check(
                optim.batchSize / workers % optim.microBatches == 0,
                "optim.micro_batches",
                "must divide the " + optim.batchSize / workers + " images of each of the " + workers + " workers",
                optim.microBatches);
        check(
                compute.xla != Xla.STEP,
                "compute.xla",
                "must be off or auto with several workers: XLA compiles no communication between them",
                name(compute.xla));
    }

    /** The images, crops and masks of the run. */
    public BatchSettings batches() {
        return batches(0, 1);
    }

    /** Those of one of several workers. */
    public BatchSettings batches(int rank, int workers) {
        return new BatchSettings(
                optim.batchSize / workers,
                data.imageSize.height,
                data.imageSize.width,
                model.patchSize,
                data.cropScale.get(0),
                data.cropScale.get(1),
                data.flip,
                data.generator(),
                data.maskRatio,
                data.predictionSubsampling,
                seed,
                data.threads,
                QUEUED_BATCHES,
                rank,
                workers);
    }

    /** The same with paths that any working directory understands, for a run that continues another. */
    public PretrainConfig withAbsolutePaths() {
        return new PretrainConfig(
                model,
                capi.withAbsolutePaths(),
                optim,
                data,
                compute,
                checkpoint,
                metrics,
                evals.stream().map(Evaluation::withAbsolutePaths).toList(),
                seed);
    }

    /** The whole configuration as YAML, every key in it. */
    public String toYaml() {
        return Yaml.write(this);
    }

    /** The sizes of the encoder and the predictor. */
    public record Model(
            int patchSize,
            int dim,
            int depth,
            int heads,
            int registers,
            Registers.Coordinates registerCoordinates,
            boolean scaleRegistersToVisible,
            PositionKind positions,
            Predictor.Kind predictor,
            int predictorDim,
            int predictorDepth,
            double stochasticDepth,
            DepthKind stochasticDepthKind) {

        public Model {
            if (heads > 0) {
                check(dim % heads == 0, "heads", "must divide model.dim, which is " + dim, heads);
                String rule = "must leave each head a width divisible by 4 (model.dim is " + dim + ")";
                check(dim / heads % 4 == 0, "heads", rule, heads);
            }
            if (predictor == Predictor.Kind.FUSED) {
                String why = " when model.predictor is fused, which is the encoder itself";
                check(predictorDim == dim, "predictor_dim", "must be model.dim, " + dim + "," + why, predictorDim);
                check(predictorDepth == 0, "predictor_depth", "must be 0" + why, predictorDepth);
            }
        }

        /** The width of one attention head, in the encoder and in the predictor. */
        public int headDim() {
            return dim / heads;
        }

        /** The number of the predictor's heads, which are as wide as the encoder's. */
        public int predictorHeads() {
            return predictorDim / headDim();
        }

        private VitConfig vit(int rows, int columns) {
            return new VitConfig(
                    patchSize,
                    dim,
                    depth,
                    heads,
                    registers,
                    registerCoordinates,
                    scaleRegistersToVisible,
                    predictorDim,
                    predictorDepth,
                    predictor,
                    positions == PositionKind.ROPE
                            ? PositionEmbedding.Kind.ROTARY
                            : new PositionEmbedding.Kind.Learnable(rows, columns));
        }
    }

    /**
     * How tokens get their positions: rotary angles in attention, or a learned vector for each patch.
     */
    public enum PositionKind {
        ROPE,
        LEARNABLE
    }

    /** What the student predicts, the clustering and its losses. */
    public record Capi(
            PretrainObjective objective,
            StudentHead studentHead,
            TargetSource targets,
            String teacher,
            int prototypes,
            double studentTemperature,
            double teacherTemperature,
            double predictionTemperature,
            int sinkhornIterations,
            SinkhornKnopp.Grouping sinkhorn,
            boolean clusteringBias) {

        public Capi {
            new ObjectiveConfig(objective, studentHead, targets);
            check(
                    objective.assigns() || sinkhorn == SinkhornKnopp.Grouping.STANDARD,
                    "sinkhorn",
                    "must be standard when capi.objective is direct, which has no assignments to balance at each"
                            + " position",
                    name(sinkhorn));
            check(
                    teacher.isBlank() == (targets != TargetSource.FROZEN),
                    "teacher",
                    targets == TargetSource.FROZEN
                            ? "must name a run, a model or a file of weights when capi.targets is frozen"
                            : "must be '' when capi.targets is " + targets + ", which has no other teacher",
                    teacher.isBlank() ? "empty" : teacher);
        }

        private ObjectiveConfig objectiveConfig() {
            return new ObjectiveConfig(objective, studentHead, targets);
        }

        /** Of the clustering head. */
        public ClusteringConfig clustering() {
            return new ClusteringConfig(
                    prototypes,
                    studentTemperature,
                    teacherTemperature,
                    predictionTemperature,
                    sinkhornIterations,
                    sinkhorn,
                    clusteringBias);
        }

        private Capi withAbsolutePaths() {
            return new Capi(
                    objective,
                    studentHead,
                    targets,
                    teacher.isBlank()
                            ? teacher
                            : Path.of(teacher).toAbsolutePath().toString(),
                    prototypes,
                    studentTemperature,
                    teacherTemperature,
                    predictionTemperature,
                    sinkhornIterations,
                    sinkhorn,
                    clusteringBias);
        }
    }

    /** The steps, the two AdamW optimizers, and the start, base and final value of each schedule. */
    public record Optim(
            int totalSteps,
            int batchSize,
            int microBatches,
            int warmupSteps,
            double cosineTruncation,
            double learningRateStart,
            double learningRate,
            double learningRateFinal,
            double clusteringLearningRateStart,
            double clusteringLearningRate,
            double clusteringLearningRateFinal,
            double momentumStart,
            double momentum,
            double momentumFinal,
            List<Double> betas,
            double epsilon,
            double weightDecay,
            double clusteringWeightDecay,
            double patchEmbedLrMultiplier,
            double normWeightDecayMultiplier) {

        public Optim {
            check(
                    batchSize % microBatches == 0,
                    "micro_batches",
                    "must divide optim.batch_size, which is " + batchSize,
                    microBatches);
            check(
                    warmupSteps <= totalSteps,
                    "warmup_steps",
                    "must not exceed optim.total_steps, which is " + totalSteps,
                    warmupSteps);
            betas = List.copyOf(betas);
            check(betas.size() == 2, "betas", "must be a list of two numbers", betas);
        }

        private AdamW adam(ParameterGroups groups) {
            return new AdamW(betas.get(0), betas.get(1), epsilon, groups);
        }
    }

    /** What is made of an image: its crop, its mask, and the masked patches that are predicted. */
    public record Data(
            ImageSize imageSize,
            List<Double> cropScale,
            boolean flip,
            MaskKind mask,
            boolean roll,
            double minAspect,
            double maskRatio,
            double predictionSubsampling,
            int threads) {

        public Data {
            cropScale = List.copyOf(cropScale);
            check(
                    cropScale.size() == 2
                            && 0 < cropScale.get(0)
                            && cropScale.get(0) <= cropScale.get(1)
                            && cropScale.get(1) <= 1,
                    "crop_scale",
                    "must be [min, max] with 0 < min <= max <= 1",
                    cropScale);
            check(
                    !roll || mask != MaskKind.UNIFORM,
                    "roll",
                    "must be false when data.mask is uniform, which has no block to roll",
                    roll);
        }

        /** How many of so many patches are hidden, rounded down. */
        public int masked(int patches) {
            return (int) (patches * maskRatio);
        }

        /** How many of so many patches are predicted, rounded down. */
        public int predicted(int patches) {
            return (int) (masked(patches) * predictionSubsampling);
        }

        private MaskGenerator generator() {
            Edges edges = roll ? Edges.ROLLED : Edges.INSIDE;
            return switch (mask) {
                case UNIFORM -> new UniformMask();
                case BLOCK -> new BlockMask(minAspect, edges);
                case INVERSE_BLOCK -> new InverseBlockMask(minAspect, edges);
            };
        }
    }

    /** The height and width of a training image in pixels; one number in the YAML when they are equal. */
    public record ImageSize(int height, int width) {

        /** Of a number, or two, that the reader of the YAML has checked. */
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static ImageSize read(JsonNode node) {
            return node.isArray()
                    ? new ImageSize(node.get(0).intValue(), node.get(1).intValue())
                    : new ImageSize(node.intValue(), node.intValue());
        }

        @JsonValue
        Object written() {
            return height == width ? (Object) height : List.of(height, width);
        }
    }

    /** Which patches are hidden from the encoder: any, a block of them, or all but a block. */
    public enum MaskKind {
        UNIFORM,
        BLOCK,
        INVERSE_BLOCK
    }

    /** How a step is computed. */
    public record Compute(
            ComputeType type,
            DeviceChoice device,
            Xla xla,
            AttentionKind attention,
            Recompute recompute,
            boolean deterministic,
            int collectiveTimeout,
            ComputeType gradientTransport) {

        public Compute {
            check(
                    !deterministic || device == DeviceChoice.CPU,
                    "deterministic",
                    "must be false unless compute.device is cpu: on a GPU it is not supported yet",
                    deterministic);
            check(
                    attention != AttentionKind.FUSED || (xla == Xla.STEP && type == ComputeType.BFLOAT16),
                    "attention",
                    "must be auto or plain unless compute.xla is step and compute.type is bfloat16",
                    PretrainConfig.name(attention));
        }
    }

    /** The number type of the layers; weights and optimizer state stay float32. */
    public enum ComputeType {
        FLOAT32,
        BFLOAT16;

        @Override
        public String toString() {
            return PretrainConfig.name(this);
        }
    }

    /** Where a step runs: on the first GPU if there is one, on the CPU, or on a GPU and nowhere else. */
    public enum DeviceChoice {
        AUTO,
        CPU,
        GPU;

        @Override
        public String toString() {
            return PretrainConfig.name(this);
        }
    }

    /**
     * Attention by ops that run everywhere, or by the fused kernels of cuDNN, which need an NVIDIA GPU; or by these where
     * they work.
     */
    public enum AttentionKind {
        AUTO,
        FUSED,
        PLAIN
    }

    /** What XLA compiles of a step: all of it as one function, the clusters of ops that it finds, or nothing. */
    public enum Xla {
        STEP,
        AUTO,
        OFF
    }

    /** When the state of a run is saved, and how long it is kept. */
    public record Checkpointing(int every, double minutes, int maxToKeep, int keepEvery) {

        public Checkpointing {
            check(
                    keepEvery % every == 0,
                    "keep_every",
                    "must be a multiple of checkpoint.every, which is " + every,
                    keepEvery);
        }
    }

    /** What a run reports of its progress. */
    public record MetricsSettings(int every, int collapseWindow, boolean tensorboard) {}

    /** One evaluation that a run makes of itself now and then. */
    public record Evaluation(int every, EvaluatedWeights weights, EvaluationKind probe, String train, String test) {

        public Evaluation {
            check(probe == EvaluationKind.PCA || !train.isBlank(), "train", "must name a folder", "empty");
            check(!test.isBlank(), "test", "must name a folder", "empty");
        }

        private static String absolute(String data) {
            return data.isBlank() ? data : DatasetPath.parse(data).absolute();
        }

        private Evaluation withAbsolutePaths() {
            return new Evaluation(every, weights, probe, absolute(train), absolute(test));
        }
    }

    /** Which copy of the model is evaluated or exported. */
    public enum EvaluatedWeights {
        TEACHER,
        STUDENT;

        @Override
        public String toString() {
            return PretrainConfig.name(this);
        }
    }

    /** What a periodic evaluation measures. */
    public enum EvaluationKind {
        /** The accuracy of nearest neighbours. */
        KNN,
        /** No number: pictures of the principal components of the test images' features. */
        PCA;

        @Override
        public String toString() {
            return PretrainConfig.name(this);
        }
    }

    /** A value of an enum as the YAML has it. */
    static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static void check(boolean holds, String key, String rule, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(key + " " + rule + ", was " + value);
        }
    }
}
