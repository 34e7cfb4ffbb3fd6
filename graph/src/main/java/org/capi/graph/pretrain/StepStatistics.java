package org.capi.graph.pretrain;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat64;

/**
 * The numbers of one step; NaN for those that the {@link StepConfig.ObjectiveConfig} does not have: the clustering's
 * where nothing is clustered, those of assignments where nothing is assigned.
 *
 * @param studentLoss before the update
 * @param clusteringLoss before the update
 * @param targetEntropy of the targets, in nats
 * @param gradientNorm of the student, before the update
 * @param clusteringGradientNorm of the clustering head, before the update
 * @param updateRatio length of the student's update over the length of its weights; 0 when the update was not made
 * @param prototypeUse exp(entropy of the mean assignment) / prototypes, over the {@link StepConfig.CollapseWindow}: 1
 *     when all are used alike
 * @param positionalCollapse mutual information of position and prototype / log(positions), likewise: 0 when prototypes
 *     do not depend on the position; too large until the window is full
 * @param updated whether the update was made; not when a loss or a gradient is NaN or infinite
 */
public record StepStatistics(
        double studentLoss,
        double clusteringLoss,
        double targetEntropy,
        double gradientNorm,
        double clusteringGradientNorm,
        double updateRatio,
        double prototypeUse,
        double positionalCollapse,
        boolean updated) {

    static Operand<TFloat64> stack(
            Ops tf,
            TrainStep.StepLosses losses,
            Operand<TFloat64> norm,
            Operand<TFloat64> clusteringNorm,
            Operand<TFloat64> updateRatio,
            @Nullable Collapse collapse,
            Operand<TBool> finite) {
        return tf.stack(List.of(
                losses.student(),
                tf.dtypes.cast(losses.clustering(), TFloat64.class),
                losses.targetEntropy(),
                norm,
                clusteringNorm,
                updateRatio,
                collapse == null ? tf.constant(Double.NaN) : collapse.prototypeUse(),
                collapse == null ? tf.constant(Double.NaN) : collapse.positional(),
                tf.dtypes.cast(finite, TFloat64.class)));
    }

    /** Reads what {@link TrainStep#metrics()} was fetched as. */
    public static StepStatistics of(TFloat64 fetched) {
        return new StepStatistics(
                fetched.getDouble(0),
                fetched.getDouble(1),
                fetched.getDouble(2),
                fetched.getDouble(3),
                fetched.getDouble(4),
                fetched.getDouble(5),
                fetched.getDouble(6),
                fetched.getDouble(7),
                fetched.getDouble(8) != 0);
    }
}
