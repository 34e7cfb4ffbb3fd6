package org.capi.train.config;

import java.nio.file.Path;

/**
 * What the student is asked, the clustering and its losses.
 *
 * @param teacher the frozen teacher: a run, a model, or a file of weights; empty unless targets are {@code frozen}
 * @param prototypes unused, like all below, by a {@code direct} objective; the clustering's own by {@code ibot} too
 * @param studentTemperature divides the student's predicted logits in its loss
 * @param teacherTemperature divides the teacher's logits before Sinkhorn-Knopp
 * @param predictionTemperature divides the teacher's logits in the clustering loss
 */
public record Capi(
        Objective objective,
        StudentHead studentHead,
        Targets targets,
        String teacher,
        int prototypes,
        double studentTemperature,
        double teacherTemperature,
        double predictionTemperature,
        int sinkhornIterations,
        Sinkhorn sinkhorn,
        boolean clusteringBias) {

    public Capi {
        Rule.check(
                objective.assigns() ? studentHead != StudentHead.IDENTITY : studentHead != StudentHead.MLP,
                "capi.student_head",
                objective.assigns()
                        ? "must be linear or mlp when capi.objective is " + objective
                                + ", whose prototypes a head scores"
                        : "must be identity or linear when capi.objective is direct, which has no prototypes to score",
                studentHead);
        Rule.check(
                targets != Targets.PIXELS || objective == Objective.DIRECT,
                "capi.targets",
                "must be ema or frozen when capi.objective is " + objective
                        + ": pixels are predicted as they are, by the objective direct",
                targets);
        Rule.check(
                objective != Objective.IBOT || targets == Targets.EMA,
                "capi.targets",
                "must be ema when capi.objective is ibot, whose teacher's head follows the student's as its encoder does",
                targets);
        Rule.check(
                objective.assigns() || sinkhorn == Sinkhorn.STANDARD,
                "capi.sinkhorn",
                "must be standard when capi.objective is direct, which has no assignments to balance at each position",
                sinkhorn);
        Rule.check(
                teacher.isBlank() == (targets != Targets.FROZEN),
                "capi.teacher",
                targets == Targets.FROZEN
                        ? "must name a run, a model or a file of weights when capi.targets is frozen"
                        : "must be '' when capi.targets is " + targets + ", which has no other teacher",
                teacher.isBlank() ? "empty" : teacher);
        Rule.atLeast("capi.prototypes", 2, prototypes);
        Rule.positive("capi.student_temperature", studentTemperature);
        Rule.positive("capi.teacher_temperature", teacherTemperature);
        Rule.positive("capi.prediction_temperature", predictionTemperature);
        Rule.atLeast("capi.sinkhorn_iterations", 1, sinkhornIterations);
    }

    Capi withAbsolutePaths() {
        return new Capi(
                objective,
                studentHead,
                targets,
                teacher.isBlank() ? teacher : Path.of(teacher).toAbsolutePath().toString(),
                prototypes,
                studentTemperature,
                teacherTemperature,
                predictionTemperature,
                sinkhornIterations,
                sinkhorn,
                clusteringBias);
    }
}
