package org.capi.train.config;

/**
 * The clustering and its losses.
 *
 * @param studentTemperature divides the student's predicted logits in its loss
 * @param teacherTemperature divides the teacher's logits before Sinkhorn-Knopp
 * @param predictionTemperature divides the teacher's logits in the clustering loss
 */
public record Capi(
        int prototypes,
        double studentTemperature,
        double teacherTemperature,
        double predictionTemperature,
        int sinkhornIterations,
        Sinkhorn sinkhorn,
        boolean clusteringBias) {

    public Capi {
        Rule.atLeast("capi.prototypes", 2, prototypes);
        Rule.positive("capi.student_temperature", studentTemperature);
        Rule.positive("capi.teacher_temperature", teacherTemperature);
        Rule.positive("capi.prediction_temperature", predictionTemperature);
        Rule.atLeast("capi.sinkhorn_iterations", 1, sinkhornIterations);
    }
}
