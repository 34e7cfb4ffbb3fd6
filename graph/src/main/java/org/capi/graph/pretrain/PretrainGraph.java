package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.VariableFile;
import org.capi.graph.VariableFile.Variable;
import org.capi.graph.Workers;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.pretrain.StepConfig.Memory;
import org.capi.graph.vit.VisionTransformer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

/**
 * One pretraining step of CAPI (Darcet et al. 2025) as one graph, to be run with one {@code Session.run}.
 *
 * <p>The teacher, a moving average of the student, sees whole images; its patches are clustered and assigned to
 * prototypes. The student sees the visible patches and predicts the assignments elsewhere. Both losses and all gradients
 * are of the values before the step; then come the student's AdamW, the moving average with the student's new values,
 * and the clustering head's AdamW. If a loss or a gradient is not finite, nothing is changed. Under another {@link
 * Pretext} the targets come from elsewhere; the moving average of the student is kept for its own sake all the same.
 *
 * @param inputs what to feed
 * @param losses of this step
 * @param student the student's parameters, backbone and head
 * @param prototypes the clustering head's parameters; empty where nothing is clustered
 * @param frozen the parameters of a teacher that nothing changes; empty where there is none
 * @param metrics what to fetch, see {@link Metrics#of}
 * @param prototypeShares the share of the assignments that each prototype got, over the {@link CollapseWindow}: {@code
 *     [prototypes]}; of the last step, to be fetched without it; null where nothing is assigned
 * @param update the target that makes the step
 * @param variables everything that a step changes
 * @param files their initialisation and checkpoints
 */
public record PretrainGraph(
        Inputs inputs,
        Losses losses,
        List<Parameter> student,
        List<Parameter> prototypes,
        List<Parameter> frozen,
        Operand<TFloat64> metrics,
        @Nullable Operand<TFloat32> prototypeShares,
        Op update,
        List<Variable> variables,
        VariableFile files) {

    /** Builds the step. */
    public static <T extends TFloating> PretrainGraph create(
            Ops tf, Class<T> computeType, StepConfig config, Workers workers) {
        Inputs inputs = Inputs.create(tf, config.batch(), Drops.of(config));
        var studentParams = Parameters.create(tf, computeType, config.seed());
        var teacherParams = Parameters.create(tf, computeType, config.seed());
        var headParams = Parameters.create(tf, computeType, config.seed());
        var frozenParams = Parameters.create(tf, computeType, config.seed());
        var student = VisionTransformer.create(studentParams.in("student").in("backbone"), config.vit());
        var average = VisionTransformer.create(teacherParams.in("student_ema").in("backbone"), config.vit());
        var objective = Objective.create(
                config,
                studentParams.in("student").in("head"),
                teacherParams.in("student_ema").in("head"),
                headParams.in("teacher").in("head"));
        var source = TargetFeatures.create(
                config, average.encoder(), frozenParams.in("frozen").in("backbone"));

        var memory = config.memory();
        var described = source.apply(tf.withSubScope("teacher"), inputs.normalized());
        var features = described.features();
        var targets = objective.targets(tf.withSubScope("clustering"), features, inputs.predicted(), workers);
        var batch = new Sample(
                inputs.normalized(),
                inputs.visible(),
                inputs.predicted(),
                targets.rows(),
                features.shape().get(0));
        var weights = Weights.of(
                studentParams.list(), teacherParams.list(), headParams.list(), frozenParams.list(), config.student());
        var studied = new StudentPass<>(
                        student, objective, weights.moving(), memory.microBatches(), memory.activations())
                .apply(tf, batch, depths(config, inputs), before(config, described, targets));
        var losses = Losses.of(tf, targets, studied);
        var gradients = Gradient.mean(tf, workers, studied.gradients());
        var headGradients = Gradient.mean(tf, workers, targets.gradients());
        var norm = Gradient.norm(tf, gradients, config.compiled());
        var headNorm =
                headGradients.isEmpty() ? tf.constant(Double.NaN) : Gradient.norm(tf, headGradients, config.compiled());
        var finite = allFinite(
                tf,
                headGradients.isEmpty()
                        ? List.of(losses.student(), norm)
                        : List.of(
                                losses.student(), tf.dtypes.cast(losses.clustering(), TFloat64.class), norm, headNorm));
        @Nullable
        Collapse collapse = targets.masses().isEmpty()
                ? null
                : Collapse.create(
                        tf.withSubScope("collapse"),
                        targets.mass(tf),
                        config.window(),
                        workers,
                        finite,
                        config.compiled());
        var changes = StepUpdate.create(tf, config, inputs, weights, gradients, headGradients, finite);
        var update = collapse == null ? changes : changes.with(collapse.update(), collapse.joint());
        return new PretrainGraph(
                inputs,
                losses,
                weights.student(),
                weights.prototypes(),
                weights.frozen(),
                Metrics.stack(tf, losses, norm, headNorm, update.ratio(), collapse, finite),
                collapse == null ? null : collapse.shares(),
                tf.withControlDependencies(update.updates()).noOp(),
                update.variables(),
                VariableFile.create(tf, update.variables()));
    }

    /**
     * What must be there before the student begins: nothing where one op after the other has the whole machine; the
     * targets where memory is short. Where chains of ops share the machine, half of the teacher: a student that began with it
     * would leave its last lane alone at the end, and one that began after it would be alone itself.
     */
    private static List<? extends Operand<?>> before(
            StepConfig config, TargetFeatures.Described<?> described, Targets targets) {
        if (!config.memory().equals(Memory.PLENTY)) {
            return targets.last();
        }
        return config.lanes() == 1 ? List.of() : described.halfway();
    }

    /** One for each micro-batch. Residuals are numbered as they are first met, see {@link Drops#draw}. */
    private static List<StochasticDepth> depths(StepConfig config, Inputs inputs) {
        Map<String, Integer> numbers = new HashMap<>();
        List<StochasticDepth> depths = new ArrayList<>();
        for (int i = 0; i < config.memory().microBatches(); i++) {
            String suffix = "@" + i;
            depths.add(depth(config, (tf, residual) -> {
                int number = numbers.computeIfAbsent(residual + suffix, name -> numbers.size());
                return tf.stridedSlice(inputs.drops(), Indices.at(number));
            }));
        }
        return depths;
    }

    private static StochasticDepth depth(StepConfig config, StochasticDepth.Draws draws) {
        double rate = config.depth().rate();
        if (rate == 0) {
            return StochasticDepth.NONE;
        }
        return switch (config.depth().kind()) {
            case EFFICIENT -> new StochasticDepth.Efficient(rate, draws);
            case NAIVE -> new StochasticDepth.Naive(rate, draws);
        };
    }

    private static Operand<TBool> allFinite(Ops tf, List<Operand<TFloat64>> numbers) {
        return tf.all(tf.math.isFinite(tf.stack(numbers)), tf.constant(0));
    }
}
