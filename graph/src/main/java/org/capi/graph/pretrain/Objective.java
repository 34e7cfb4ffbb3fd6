package org.capi.graph.pretrain;

import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.Workers;
import org.capi.graph.clustering.ClusteringHead;
import org.capi.graph.clustering.PredictionHead;
import org.capi.graph.clustering.PredictionHead.MlpHead;
import org.capi.graph.clustering.PredictionHead.WeightNormedHead;
import org.capi.graph.clustering.TeacherHead.EmaHead;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/** What the student has to say of patches that it does not see, and how wrong it is. */
sealed interface Objective<T extends TFloating> permits AssignmentObjective, DirectObjective {

    /**
     * That of a configuration.
     *
     * @param student where the student's head is declared
     * @param average where its moving average is declared
     * @param trained where a head that is trained on the teacher's side is declared
     */
    static <T extends TFloating> Objective<T> create(
            StepConfig config, Parameters<T> student, Parameters<T> average, Parameters<T> trained) {
        var clustering = config.clustering();
        return switch (config.pretext().goal()) {
            case CLUSTERING -> {
                var head = prototypeHead(config, student);
                prototypeHead(config, average);
                var teacher = ClusteringHead.create(trained, config.vit().dim(), clustering);
                yield new AssignmentObjective<>(head, teacher, trained.list(), clustering.studentTemperature());
            }
            case IBOT -> {
                var head = prototypeHead(config, student);
                var teacher = new EmaHead<>(prototypeHead(config, average), clustering);
                yield new AssignmentObjective<>(head, teacher, List.of(), clustering.studentTemperature());
            }
            case DIRECT -> {
                var objective = DirectObjective.create(config, student);
                DirectObjective.create(config, average);
                yield objective;
            }
        };
    }

    private static <T extends TFloating> PredictionHead<T> prototypeHead(StepConfig config, Parameters<T> params) {
        int dim = config.vit().predictorDim();
        int prototypes = config.clustering().prototypes();
        return switch (config.pretext().head()) {
            case LINEAR -> WeightNormedHead.create(params, dim, prototypes);
            case MLP -> MlpHead.create(params, dim, prototypes);
            case IDENTITY -> throw new IllegalStateException("no prototypes without a head");
        };
    }

    /**
     * Makes targets of features.
     *
     * @param features {@code [positions, batch, width]}
     * @param predicted batch-major positions that the student predicts {@code [batch · predicted]}
     */
    Targets targets(Ops tf, Operand<T> features, Operand<TInt64> predicted, Workers workers);

    /**
     * How wrong each prediction is, {@code [rows]}.
     *
     * @param predictions the predictor's output {@code [rows, predictorDim]}
     * @param targets {@code [rows, width]}
     */
    Operand<TFloat32> losses(Ops tf, Operand<T> predictions, Operand<TFloat32> targets);
}
