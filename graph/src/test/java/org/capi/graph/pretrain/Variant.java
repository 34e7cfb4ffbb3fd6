package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.clustering.SinkhornKnopp;
import org.capi.graph.pretrain.Pretext.Goal;
import org.capi.graph.pretrain.Pretext.Head;
import org.capi.graph.pretrain.Pretext.Source;
import org.capi.graph.vit.Predictor;

/** A way to pretrain, as a row of the paper's table of ablations has it or beside them. */
record Variant(
        Predictor.Kind predictor,
        int predictorDim,
        Goal goal,
        Head head,
        Source source,
        SinkhornKnopp.Grouping samples) {

    /** As the other tests have it. */
    static final Variant DEFAULT = of(Predictor.Kind.CROSS_ATTENTION, 24, Goal.CLUSTERING, Head.LINEAR, Source.AVERAGE);

    /** Every choice at least once, and some pairs. */
    static final List<Variant> ALL = List.of(
            of(Predictor.Kind.FUSED, 16, Goal.CLUSTERING, Head.LINEAR, Source.AVERAGE),
            of(Predictor.Kind.SELF_ATTENTION, 24, Goal.CLUSTERING, Head.LINEAR, Source.AVERAGE),
            of(Predictor.Kind.CROSS_ATTENTION, 24, Goal.CLUSTERING, Head.MLP, Source.AVERAGE),
            of(Predictor.Kind.CROSS_ATTENTION, 16, Goal.IBOT, Head.MLP, Source.AVERAGE),
            of(Predictor.Kind.CROSS_ATTENTION, 16, Goal.DIRECT, Head.IDENTITY, Source.AVERAGE),
            of(Predictor.Kind.CROSS_ATTENTION, 24, Goal.CLUSTERING, Head.LINEAR, Source.FROZEN),
            of(Predictor.Kind.CROSS_ATTENTION, 24, Goal.DIRECT, Head.LINEAR, Source.PIXELS),
            of(Predictor.Kind.SELF_ATTENTION, 48, Goal.DIRECT, Head.IDENTITY, Source.PIXELS),
            of(Predictor.Kind.SELF_ATTENTION, 24, Goal.DIRECT, Head.LINEAR, Source.FROZEN),
            new Variant(
                    Predictor.Kind.FUSED, 16, Goal.IBOT, Head.LINEAR, Source.AVERAGE, SinkhornKnopp.Grouping.STANDARD));

    private static Variant of(Predictor.Kind predictor, int dim, Goal goal, Head head, Source source) {
        return new Variant(predictor, dim, goal, head, source, SinkhornKnopp.Grouping.POSITIONWISE);
    }

    Pretext pretext() {
        return new Pretext(goal, head, source);
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
        if (head == Head.MLP) {
            names.addAll(List.of("head.fc1.weight", "head.fc2.weight", "head.fc3.weight"));
        }
        if (goal != Goal.DIRECT) {
            names.addAll(List.of("head.last_layer.weight_g", "head.last_layer.weight_v"));
        } else if (head == Head.LINEAR) {
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
