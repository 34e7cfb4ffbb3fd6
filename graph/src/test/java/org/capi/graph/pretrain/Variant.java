package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.clustering.SinkhornKnopp;
import org.capi.graph.pretrain.StepConfig.ObjectiveConfig;
import org.capi.graph.pretrain.StepConfig.PretrainObjective;
import org.capi.graph.pretrain.StepConfig.StudentHead;
import org.capi.graph.pretrain.StepConfig.TargetSource;
import org.capi.graph.vit.Predictor;

/** A way to pretrain, as a row of the paper's table of ablations has it, or one of its neighbours. */
record Variant(
        Predictor.Kind predictor,
        int predictorDim,
        PretrainObjective goal,
        StudentHead head,
        TargetSource source,
        SinkhornKnopp.Grouping samples) {

    /** As the other tests have it. */
    static final Variant DEFAULT =
            of(Predictor.Kind.CROSS_ATTENTION, 24, PretrainObjective.CLUSTERING, StudentHead.LINEAR, TargetSource.EMA);

    /** Every choice at least once, and some pairs. */
    static final List<Variant> ALL = List.of(
            of(Predictor.Kind.FUSED, 16, PretrainObjective.CLUSTERING, StudentHead.LINEAR, TargetSource.EMA),
            of(Predictor.Kind.SELF_ATTENTION, 24, PretrainObjective.CLUSTERING, StudentHead.LINEAR, TargetSource.EMA),
            of(Predictor.Kind.CROSS_ATTENTION, 24, PretrainObjective.CLUSTERING, StudentHead.MLP, TargetSource.EMA),
            of(Predictor.Kind.CROSS_ATTENTION, 16, PretrainObjective.IBOT, StudentHead.MLP, TargetSource.EMA),
            of(Predictor.Kind.CROSS_ATTENTION, 16, PretrainObjective.DIRECT, StudentHead.IDENTITY, TargetSource.EMA),
            of(
                    Predictor.Kind.CROSS_ATTENTION,
                    24,
                    PretrainObjective.CLUSTERING,
                    StudentHead.LINEAR,
                    TargetSource.FROZEN),
            of(Predictor.Kind.CROSS_ATTENTION, 24, PretrainObjective.DIRECT, StudentHead.LINEAR, TargetSource.PIXELS),
            of(Predictor.Kind.SELF_ATTENTION, 48, PretrainObjective.DIRECT, StudentHead.IDENTITY, TargetSource.PIXELS),
            of(Predictor.Kind.SELF_ATTENTION, 24, PretrainObjective.DIRECT, StudentHead.LINEAR, TargetSource.FROZEN),
            new Variant(
                    Predictor.Kind.FUSED,
                    16,
                    PretrainObjective.IBOT,
                    StudentHead.LINEAR,
                    TargetSource.EMA,
                    SinkhornKnopp.Grouping.STANDARD));

    private static Variant of(
            Predictor.Kind predictor, int dim, PretrainObjective goal, StudentHead head, TargetSource source) {
        return new Variant(predictor, dim, goal, head, source, SinkhornKnopp.Grouping.POSITIONWISE);
    }

    ObjectiveConfig objective() {
        return new ObjectiveConfig(goal, head, source);
    }

    int predictorDepth() {
        return predictor == Predictor.Kind.FUSED ? 0 : 2;
    }

    /** The parameters that the student has, behind {@code student.}. */
    List<String> student() {
        List<String> names = new ArrayList<>(encoder());
        names.add("backbone.mask_token");
        for (int i = 0; i < predictorDepth(); i++) {
            names.addAll(block("backbone.decoder.blocks." + i));
        }
        if (predictor == Predictor.Kind.SELF_ATTENTION) {
            names.add("backbone.decoder.embed.weight");
        }
        if (head == StudentHead.MLP) {
            names.addAll(List.of("head.fc1.weight", "head.fc2.weight", "head.fc3.weight"));
        }
        if (goal != PretrainObjective.DIRECT) {
            names.addAll(List.of("head.last_layer.weight_g", "head.last_layer.weight_v"));
        } else if (head == StudentHead.LINEAR) {
            names.add("head.weight");
        }
        return names;
    }

    /** Those of an encoder of two blocks with registers. */
    static List<String> encoder() {
        List<String> names = new ArrayList<>(
                List.of("backbone.registers", "backbone.patch_embed.weight", "backbone.patch_embed.bias"));
        names.addAll(block("backbone.encoder.blocks.0"));
        names.addAll(block("backbone.encoder.blocks.1"));
        return names;
    }

    private static List<String> block(String path) {
        List<String> names = new ArrayList<>();
        for (String name : List.of("norm", "fn.q_proj", "fn.k_proj", "fn.v_proj", "fn.proj")) {
            names.add(path + ".residual1." + name + ".weight");
        }
        names.add(path + ".residual1.fn.rope.freqs");
        for (String name : List.of("norm", "fn.fc1", "fn.fc2")) {
            names.add(path + ".residual2." + name + ".weight");
        }
        return names;
    }
}
