package org.capi.graph.pretrain;

import java.util.List;
import org.capi.graph.Parameter;
import org.capi.graph.Tensors;
import org.capi.graph.Workers;
import org.capi.graph.clustering.ClusteringHead;
import org.capi.graph.clustering.PredictionHead;
import org.capi.graph.clustering.TeacherHead;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * To which prototypes the teacher's patch is assigned, by cross-entropy.
 *
 * @param head of the student
 * @param teacher assigns the teacher's patches
 * @param trained the parameters of the teacher's head; empty if it is not trained by itself
 * @param temperature divides the student's logits
 */
record AssignmentObjective<T extends TFloating>(
        PredictionHead<T> head, TeacherHead<T> teacher, List<Parameter> trained, double temperature)
        implements Objective<T> {

    @Override
    public Targets targets(Ops tf, Operand<T> features, Operand<TInt64> predicted, Workers workers) {
        return ClusteringPass.of(teacher, trained, features.shape()).apply(tf, features, predicted, workers);
    }

    @Override
    public Operand<TFloat32> losses(Ops tf, Operand<T> predictions, Operand<TFloat32> targets) {
        var logits = Tensors.cast(tf, head.apply(tf, predictions), TFloat32.class);
        return ClusteringHead.crossEntropy(tf, targets, logits, temperature);
    }
}
