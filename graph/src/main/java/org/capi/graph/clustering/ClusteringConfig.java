package org.capi.graph.clustering;

/**
 * The hyper-parameters of clusters and losses.
 *
 * @param prototypes how many clusters
 * @param studentTemperature divides the student's logits
 * @param teacherTemperature divides the logits before Sinkhorn-Knopp
 * @param predictionTemperature divides the logits in the clustering loss
 * @param sinkhornIterations iterations of Sinkhorn-Knopp
 * @param samples which tokens are normalised together
 * @param bias whether the clustering head has a bias
 */
public record ClusteringConfig(
        int prototypes,
        double studentTemperature,
        double teacherTemperature,
        double predictionTemperature,
        int sinkhornIterations,
        SinkhornKnopp.Grouping samples,
        boolean bias) {

    /** Checks the values. */
    public ClusteringConfig {
        if (prototypes < 2) {
            throw new IllegalArgumentException("prototypes must be at least 2, was " + prototypes);
        }
        positive(studentTemperature, "student_temperature");
        positive(teacherTemperature, "teacher_temperature");
        positive(predictionTemperature, "prediction_temperature");
    }

    private static void positive(double value, String name) {
        if (!(value > 0)) {
            throw new IllegalArgumentException(name + " must be above 0, was " + value);
        }
    }
}
