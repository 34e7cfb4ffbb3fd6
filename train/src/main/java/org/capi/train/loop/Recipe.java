package org.capi.train.loop;

import org.capi.data.batch.BatchSettings;
import org.capi.data.mask.Block;
import org.capi.data.mask.Edges;
import org.capi.data.mask.InverseBlock;
import org.capi.data.mask.MaskGenerator;
import org.capi.data.mask.Uniform;
import org.capi.graph.clustering.ClusteringConfig;
import org.capi.graph.clustering.SinkhornKnopp;
import org.capi.graph.optim.AdamW;
import org.capi.graph.optim.AdamW.ParameterGroups;
import org.capi.graph.pretrain.CollapseWindow;
import org.capi.graph.pretrain.Pretext;
import org.capi.graph.pretrain.StepConfig;
import org.capi.graph.pretrain.StepConfig.Activations;
import org.capi.graph.pretrain.StepConfig.BatchShape;
import org.capi.graph.pretrain.StepConfig.DepthConfig;
import org.capi.graph.pretrain.StepConfig.DepthKind;
import org.capi.graph.pretrain.StepConfig.Memory;
import org.capi.graph.vit.PositionEmbedding;
import org.capi.graph.vit.Predictor;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;
import org.capi.train.config.Model;
import org.capi.train.config.PretrainConfig;

/** What a configuration means to the step graph and to the stream of batches. */
public record Recipe(PretrainConfig config) {

    private static final int QUEUED_BATCHES = 3;

    /** The sizes of the encoder and its predictor. */
    public VitConfig vit() {
        Model model = config.model();
        return new VitConfig(
                model.patchSize(),
                model.dim(),
                model.depth(),
                model.heads(),
                model.registers(),
                switch (model.registerCoordinates()) {
                    case EDGE -> Registers.Coordinates.EDGE;
                    case ZEROS -> Registers.Coordinates.ZEROS;
                },
                model.scaleRegistersToVisible(),
                model.predictorDim(),
                model.predictorDepth(),
                switch (model.predictor()) {
                    case CROSS_ATTENTION -> Predictor.Kind.CROSS_ATTENTION;
                    case SELF_ATTENTION -> Predictor.Kind.SELF_ATTENTION;
                    case FUSED -> Predictor.Kind.FUSED;
                },
                positions());
    }

    private PositionEmbedding.Kind positions() {
        int patch = config.model().patchSize();
        var size = config.data().imageSize();
        return switch (config.model().positions()) {
            case ROPE -> PositionEmbedding.Kind.ROTARY;
            case LEARNABLE -> new PositionEmbedding.Kind.Learnable(size.height() / patch, size.width() / patch);
        };
    }

    /** What one step computes, in one lane. */
    public StepConfig step() {
        var optim = config.optim();
        var groups = new ParameterGroups(optim.patchEmbedLrMultiplier(), optim.normWeightDecayMultiplier(), 0);
        return new StepConfig(
                vit(),
                pretext(),
                clustering(),
                new DepthConfig(
                        switch (config.model().stochasticDepthKind()) {
                            case EFFICIENT -> DepthKind.EFFICIENT;
                            case NAIVE -> DepthKind.NAIVE;
                        },
                        config.model().stochasticDepth()),
                new AdamW(optim.beta1(), optim.beta2(), optim.epsilon(), groups),
                new AdamW(optim.beta1(), optim.beta2(), optim.epsilon(), ParameterGroups.UNIFORM),
                batchShape(),
                new Memory(
                        optim.microBatches(), config.compute().recompute() ? Activations.RECOMPUTED : Activations.KEPT),
                1,
                false,
                new CollapseWindow(config.metrics().collapseWindow()),
                config.seed());
    }

    /** The images, crops and masks of the run. */
    public BatchSettings batches() {
        var data = config.data();
        var size = data.imageSize();
        return new BatchSettings(
                config.optim().batchSize(),
                size.height(),
                size.width(),
                config.model().patchSize(),
                data.cropScaleMin(),
                data.cropScaleMax(),
                data.flip(),
                mask(),
                data.maskRatio(),
                data.predictionSubsampling(),
                config.seed(),
                data.threads(),
                QUEUED_BATCHES,
                0,
                1);
    }

    private Pretext pretext() {
        var capi = config.capi();
        return new Pretext(
                switch (capi.objective()) {
                    case CLUSTERING -> Pretext.Goal.CLUSTERING;
                    case IBOT -> Pretext.Goal.IBOT;
                    case DIRECT -> Pretext.Goal.DIRECT;
                },
                switch (capi.studentHead()) {
                    case LINEAR -> Pretext.Head.LINEAR;
                    case MLP -> Pretext.Head.MLP;
                    case IDENTITY -> Pretext.Head.IDENTITY;
                },
                switch (capi.targets()) {
                    case EMA -> Pretext.Source.AVERAGE;
                    case FROZEN -> Pretext.Source.FROZEN;
                    case PIXELS -> Pretext.Source.PIXELS;
                });
    }

    private ClusteringConfig clustering() {
        var capi = config.capi();
        return new ClusteringConfig(
                capi.prototypes(),
                capi.studentTemperature(),
                capi.teacherTemperature(),
                capi.predictionTemperature(),
                capi.sinkhornIterations(),
                switch (capi.sinkhorn()) {
                    case POSITIONWISE -> SinkhornKnopp.Grouping.POSITIONWISE;
                    case STANDARD -> SinkhornKnopp.Grouping.STANDARD;
                },
                capi.clusteringBias());
    }

    private BatchShape batchShape() {
        var data = config.data();
        int patches = config.patches();
        return new BatchShape(
                config.optim().batchSize(),
                data.imageSize().height(),
                data.imageSize().width(),
                patches - data.masked(patches),
                data.predicted(patches));
    }

    private MaskGenerator mask() {
        var data = config.data();
        Edges edges = data.roll() ? Edges.ROLLED : Edges.INSIDE;
        return switch (data.mask()) {
            case UNIFORM -> new Uniform();
            case BLOCK -> new Block(data.minAspect(), edges);
            case INVERSE_BLOCK -> new InverseBlock(data.minAspect(), edges);
        };
    }
}
