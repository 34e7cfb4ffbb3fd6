package org.capi.graph.pretrain;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.Workers;
import org.capi.graph.clustering.ClusteringConfig;
import org.capi.graph.clustering.ClusteringHead;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * The clustering part of a step alone, in float32: assignments, loss and gradients of given features.
 *
 * @param features {@code [positions, batch, dim]}, to be fed
 * @param predicted batch-major positions whose assignments are computed, to be fed {@code [predicted]}
 * @param initialize gives the head its first values
 * @param run computes targets, gradients and the sums of the assignments
 * @param loss the clustering loss, a scalar
 */
public record ClusteringGraph(
        Operand<TFloat32> features, Operand<TInt64> predicted, Op initialize, Op run, Operand<TFloat32> loss) {

    /** Builds it for features {@code [positions, batch, dim]}. */
    public static ClusteringGraph create(Ops tf, ClusteringConfig config, Shape shape, int predictions, long seed) {
        var params = Parameters.create(tf, TFloat32.class, seed);
        var head = ClusteringHead.create(params, Math.toIntExact(shape.get(2)), config);
        var features = tf.placeholder(TFloat32.class, Placeholder.shape(shape));
        var predicted = tf.placeholder(TInt64.class, Placeholder.shape(Shape.of(predictions)));
        var outcome = ClusteringPass.of(head, params.list(), shape).apply(tf, features, predicted, Workers.ALONE);
        List<Op> initial = new ArrayList<>();
        params.list().forEach(p -> initial.add(tf.assignVariableOp(p.handle(), p.initial())));
        List<Op> results = new ArrayList<>(outcome.gradients());
        results.add(outcome.rows());
        results.add(outcome.mass(tf));
        return new ClusteringGraph(
                features,
                predicted,
                tf.withControlDependencies(initial).noOp(),
                tf.withControlDependencies(results).noOp(),
                requireNonNull(outcome.loss()));
    }
}
