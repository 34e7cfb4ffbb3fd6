package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Losses;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.Parameters.LayerPlan;
import org.capi.graph.Tensors;
import org.capi.graph.VariableFile;
import org.capi.graph.VariableFile.Variable;
import org.capi.graph.Workers;
import org.capi.graph.pretrain.ParameterUpdate.StepParameters;
import org.capi.graph.pretrain.StepInputs.Drops;
import org.capi.graph.pretrain.StudentPass.MaskedImages;
import org.capi.graph.vit.VisionTransformer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

/**
 * One pretraining step of CAPI (Darcet et al. 2025) as one graph, to be run with one {@code Session.run}.
 *
 * <p>The teacher, a moving average of the student, sees whole images; its patches are clustered and assigned to
 * prototypes. The student sees the visible patches and predicts the assignments elsewhere. Both losses and all
 * gradients are of the values before the step; then come the student's AdamW, the moving average with the student's new
 * values, and the clustering head's AdamW. If a loss or a gradient is not finite, nothing is changed. Under another
 * {@link StepConfig.ObjectiveConfig} the targets come from elsewhere; the moving average of the student is kept for its
 * own sake all the same. How a machine executes the step is the {@link ExecutionPlan}'s.
 *
 * @param inputs what to feed
 * @param losses of this step
 * @param student the student's parameters, backbone and head
 * @param prototypes the clustering head's parameters; empty where nothing is clustered
 * @param frozen the parameters of a teacher that nothing changes; empty where there is none
 * @param metrics what to fetch, see {@link StepStatistics#of}
 * @param statuses {@link StepInputs#status} of every worker: {@code [workers, STATUS]}; null where there is one
 * @param prototypeShares the share of the assignments that each prototype got, over the {@link
 *     StepConfig.CollapseWindow}: {@code [prototypes]}; of the last step, to be fetched without it; null where nothing
 *     is assigned
 * @param update the target that makes the step
 * @param variables everything that a step changes
 * @param files their initialisation and checkpoints
 */
public record TrainStep(
        StepInputs inputs,
        StepLosses losses,
        List<Parameter> student,
        List<Parameter> prototypes,
        List<Parameter> frozen,
        Operand<TFloat64> metrics,
        @Nullable Operand<TFloat64> statuses,
        @Nullable Operand<TFloat32> prototypeShares,
        Op update,
        List<Variable> variables,
        VariableFile files) {

    /**
     * What a step measures before it changes anything.
     *
     * @param student the loss of the predictions: their cross-entropy with assignments, or their Huber distance from a
     *     direct target, a scalar
     * @param clustering the clustering loss, a scalar; NaN where nothing is clustered
     * @param targetEntropy mean entropy of the targets, a scalar; NaN where they are no assignments
     * @param targets at the predicted positions of this worker's images {@code [batch · predicted, width]}
     */
    public record StepLosses(
            Operand<TFloat64> student,
            Operand<TFloat32> clustering,
            Operand<TFloat64> targetEntropy,
            Operand<TFloat32> targets) {}

    /** Builds the step. */
    public static <T extends TFloating> TrainStep create(
            Ops tf, Class<T> computeType, StepConfig config, Workers workers) {
        var drops = Drops.of(config);
        var inputs = StepInputs.create(tf, config.batch(), drops, workers);
        var plan = config.plan();

        // The models: student, its moving average, clustering head, frozen teacher, each where there is one.
        var layers = plan.layers();
        var studentParams = parameters(tf, computeType, config, layers);
        var averageParams = parameters(tf, computeType, config, layers.withoutGradients());
        var headParams = parameters(tf, computeType, config, layers);
        var frozenParams = parameters(tf, computeType, config, layers.withoutGradients());
        var student = VisionTransformer.create(studentParams.in("student").in("backbone"), config.vit());
        var average = VisionTransformer.create(averageParams.in("student_ema").in("backbone"), config.vit());
        var objective = PredictionObjective.create(
                config,
                studentParams.in("student").in("head"),
                averageParams.in("student_ema").in("head"),
                headParams.in("teacher").in("head"));
        var teacher = TargetFeatures.create(
                config, average.encoder(), frozenParams.in("frozen").in("backbone"));
        var parameters = StepParameters.of(
                studentParams.list(),
                averageParams.list(),
                headParams.list(),
                frozenParams.list(),
                config.studentOptimizer());

        // 1. The teacher sees whole images.
        var features = teacher.apply(tf.withSubScope("teacher"), inputs.normalized());

        // 2. Its patches are assigned to prototypes by Sinkhorn-Knopp, position by position; the clustering loss.
        var targets = objective.targets(tf.withSubScope("clustering"), features.values(), inputs.predicted(), workers);

        // 3. The student sees visible patches; predictor and head predict the targets of others; the prediction loss.
        long positions = features.values().shape().get(0);
        var masked =
                new MaskedImages(inputs.normalized(), inputs.visible(), inputs.predicted(), targets.rows(), positions);
        var studied = new StudentPass<>(student, objective, parameters.trainable(), plan)
                .apply(
                        tf,
                        masked,
                        inputs.depths(tf, drops, plan.microBatches()),
                        plan.beforeStudent(features, targets));
        var own = new StepLosses(
                studied.loss(),
                targets.loss() == null ? tf.constant(Float.NaN) : targets.loss(),
                targets.countChunks().isEmpty() ? tf.constant(Double.NaN) : Losses.entropy(tf, targets.rows()),
                targets.rows());

        // 4. Both losses and their gradients over all workers; nothing is changed if one is not finite.
        var headGradients = Gradient.mean(tf, workers, targets.gradients());
        @Nullable Operand<TFloat64> status = inputs.status();
        @Nullable SharedNumbers shared = status == null ? null : SharedNumbers.of(tf, own, status, workers);
        var losses = shared == null ? own : shared.losses();
        var gradients = Gradient.mean(tf, workers, studied.gradients());
        var norm = Tensors.norm(tf, gradients, plan.compiled());
        var headNorm =
                headGradients.isEmpty() ? tf.constant(Double.NaN) : Tensors.norm(tf, headGradients, plan.compiled());
        var guarded = headGradients.isEmpty()
                ? List.of(losses.student(), norm)
                : List.of(losses.student(), tf.dtypes.cast(losses.clustering(), TFloat64.class), norm, headNorm);
        var finite = tf.all(tf.math.isFinite(tf.stack(guarded)), tf.constant(0));

        // 5. AdamW of the student and of the clustering head, then the moving average; signs of collapse.
        @Nullable
        Collapse collapse = targets.countChunks().isEmpty()
                ? null
                : Collapse.create(
                        tf.withSubScope("collapse"),
                        targets.prototypeCounts(tf),
                        config.window(),
                        workers,
                        finite,
                        plan.compiled());
        var update = ParameterUpdate.create(tf, config, inputs, parameters, gradients, headGradients, finite);
        List<Op> updates = new ArrayList<>(update.updates());
        List<Variable> variables = new ArrayList<>(parameters.variables().toList());
        variables.addAll(update.moments());
        if (collapse != null) {
            updates.add(collapse.update());
            variables.add(collapse.joint());
        }
        return new TrainStep(
                inputs,
                losses,
                parameters.student(),
                parameters.clusteringHead(),
                parameters.frozen(),
                StepStatistics.stack(tf, losses, norm, headNorm, update.ratio(), collapse, finite),
                shared == null ? null : shared.statuses(),
                collapse == null ? null : collapse.shares(),
                tf.withControlDependencies(updates).noOp(),
                List.copyOf(variables),
                VariableFile.create(tf, variables));
    }

    private static <T extends TFloating> Parameters<T> parameters(
            Ops tf, Class<T> computeType, StepConfig config, LayerPlan layers) {
        return Parameters.create(tf, computeType, config.seed()).with(layers);
    }

    /** The few numbers that all workers share in one reduction: the means of their losses, and the status of each. */
    private record SharedNumbers(StepLosses losses, Operand<TFloat64> statuses) {

        private static final int LOSSES = 3;

        static SharedNumbers of(Ops tf, StepLosses own, Operand<TFloat64> status, Workers workers) {
            int before = workers.rank() * StepInputs.STATUS;
            int all = workers.count() * StepInputs.STATUS;
            var padding = tf.constant(new int[][] {{before, all - StepInputs.STATUS - before}});
            var numbers = tf.stack(
                    List.of(own.student(), tf.dtypes.cast(own.clustering(), TFloat64.class), own.targetEntropy()));
            var sum = workers.sum(
                    tf, tf.concat(List.of(numbers, tf.pad(status, padding, tf.constant(0.0))), tf.constant(0)));
            var means =
                    tf.math.div(tf.stridedSlice(sum, Indices.sliceTo(LOSSES)), tf.constant((double) workers.count()));
            var allStatuses = tf.stridedSlice(sum, Indices.sliceFrom(LOSSES));
            return new SharedNumbers(
                    new StepLosses(
                            tf.stridedSlice(means, Indices.at(0)),
                            tf.dtypes.cast(tf.stridedSlice(means, Indices.at(1)), TFloat32.class),
                            tf.stridedSlice(means, Indices.at(2)),
                            own.targets()),
                    tf.reshape(allStatuses, tf.constant(new int[] {workers.count(), StepInputs.STATUS})));
        }
    }
}
