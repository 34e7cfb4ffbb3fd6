package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.Variable;
import org.capi.graph.VariableFile;
import org.capi.graph.Workers;
import org.capi.graph.clustering.ClusteringHead;
import org.capi.graph.clustering.Clusters;
import org.capi.graph.clustering.PredictionHead;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.optim.AdamW;
import org.capi.graph.optim.Ema;
import org.capi.graph.vit.VisionTransformer;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * One pretraining step of CAPI (Darcet et al. 2025) as one graph, to be run with one {@code Session.run}.
 *
 * <p>The teacher, a moving average of the student, sees whole images; its patches are clustered and assigned to
 * prototypes. The student sees the visible patches and predicts the assignments elsewhere. Both losses and all gradients
 * are of the values before the step; then come the student's AdamW, the moving average with the student's new values,
 * and the clustering head's AdamW. If a loss or a gradient is not finite, nothing is changed.
 *
 * @param inputs what to feed
 * @param losses of this step
 * @param student the student's parameters, backbone and prediction head
 * @param prototypes the clustering head's parameters
 * @param metrics what to fetch, see {@link Metrics#of}
 * @param update the target that makes the step
 * @param variables everything that a step changes
 * @param files their initialisation and checkpoints
 */
public record PretrainGraph(
        Inputs inputs,
        Losses losses,
        List<Parameter> student,
        List<Parameter> prototypes,
        Operand<TFloat64> metrics,
        Op update,
        List<Variable> variables,
        VariableFile files) {

    /** Builds the step with random stochastic depth. */
    public static <T extends TFloating> PretrainGraph create(
            Ops tf, Class<T> computeType, StepConfig config, Workers workers) {
        Inputs inputs = Inputs.create(tf, config.batch());
        return create(tf, computeType, config, workers, inputs, (ops, residual, batch) -> {
            var key = ops.stack(List.of(ops.constant(config.seed() * 31 + residual.hashCode()), inputs.step()));
            return ops.random.statelessRandomUniform(ops.constant(Shape.of(batch)), key);
        });
    }

    /** Builds the step with given inputs and draws for stochastic depth. */
    static <T extends TFloating> PretrainGraph create(
            Ops tf,
            Class<T> computeType,
            StepConfig config,
            Workers workers,
            Inputs inputs,
            StochasticDepth.Draws draws) {
        var studentParams = Parameters.create(tf, computeType, config.seed());
        var teacherParams = Parameters.create(tf, computeType, config.seed());
        var headParams = Parameters.create(tf, computeType, config.seed());
        var vit = config.vit();
        int count = config.clustering().prototypes();
        var student = VisionTransformer.create(studentParams.in("student").in("backbone"), vit);
        var head = PredictionHead.create(studentParams.in("student").in("head"), vit.predictorDim(), count);
        var teacher = VisionTransformer.create(teacherParams.in("student_ema").in("backbone"), vit);
        PredictionHead.create(teacherParams.in("student_ema").in("head"), vit.predictorDim(), count);
        var clustering = ClusteringHead.create(headParams.in("teacher").in("head"), vit.dim(), config.clustering());

        var patches = teacher.encode(tf.withSubScope("teacher"), inputs.normalized()); // [batch, positions, dim]
        var byPosition = tf.linalg.transpose(patches, tf.constant(new int[] {1, 0, 2}));
        var clusters = clustering.apply(tf.withSubScope("clustering"), byPosition, workers);
        var prediction = student.predict(
                tf.withSubScope("student"),
                inputs.normalized(),
                inputs.visible(),
                inputs.predicted(),
                depth(config, draws));
        var logits = tf.dtypes.cast(head.apply(tf, prediction.predictions()), TFloat32.class);
        var losses = losses(tf, config, clusters, inputs.predicted(), logits);
        return withUpdate(tf, config, workers, inputs, losses, studentParams, teacherParams, headParams);
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

    private static Losses losses(
            Ops tf, StepConfig config, Clusters clusters, Operand<TInt64> predicted, Operand<TFloat32> logits) {
        var targets = rowsAt(tf, clusters.assignments(), predicted); // [batch · predicted, prototypes]
        double temperature = config.clustering().studentTemperature();
        var rows = ClusteringHead.crossEntropy(tf, targets, logits, temperature);
        var entropies = tf.math.neg(tf.reduceSum(tf.math.xlogy(targets, targets), tf.constant(1)));
        return new Losses(mean(tf, rows), clusters.loss(), mean(tf, entropies), targets);
    }

    /** {@code [positions, batch, prototypes]} at batch-major positions {@code [rows]} to {@code [rows, prototypes]}. */
    private static Operand<TFloat32> rowsAt(Ops tf, Operand<TFloat32> assignments, Operand<TInt64> predicted) {
        Shape shape = assignments.shape();
        var positions = tf.constant(shape.get(0));
        var image = tf.math.floorDiv(predicted, positions);
        var position = tf.math.floorMod(predicted, positions);
        var row = tf.math.add(tf.math.mul(position, tf.constant(shape.get(1))), image);
        var flat = tf.reshape(assignments, tf.constant(new long[] {-1, shape.get(2)}));
        return tf.gather(flat, row, tf.constant(0));
    }

    /** The mean of {@code [rows]}, in double precision. */
    private static Operand<TFloat64> mean(Ops tf, Operand<TFloat32> rows) {
        return tf.math.mean(tf.dtypes.cast(rows, TFloat64.class), tf.constant(0));
    }

    private static PretrainGraph withUpdate(
            Ops tf,
            StepConfig config,
            Workers workers,
            Inputs inputs,
            Losses losses,
            Parameters<?> studentParams,
            Parameters<?> teacherParams,
            Parameters<?> headParams) {
        var student = studentParams.list();
        var moving = student.stream().filter(config.student()::moves).toList();
        var prototypes = headParams.list();
        var gradients = gradients(tf, workers, losses.student(), moving);
        var headGradients = gradients(tf, workers, losses.clustering(), prototypes);
        var norm = norm(tf, gradients);
        var headNorm = norm(tf, headGradients);
        var finite = tf.math.logicalAnd(
                allFinite(tf, losses.student(), tf.dtypes.cast(losses.clustering(), TFloat64.class)),
                allFinite(tf, norm, headNorm));

        // Every update needs one of the rates, and these exist only where the step is finite: a switch on five numbers.
        var rates = tf.switchCond(inputs.rates(), finite).outputTrue();
        var count = tf.math.add(tf.dtypes.cast(inputs.step(), TFloat64.class), tf.constant(1.0));
        var studentUpdate = config.student()
                .update(tf, moving, gradients, new AdamW.Rates(rate(tf, rates, 0), rate(tf, rates, 2), count));
        var headUpdate = config.prototypes()
                .update(tf, prototypes, headGradients, new AdamW.Rates(rate(tf, rates, 1), rate(tf, rates, 3), count));
        List<Op> updates = new ArrayList<>(headUpdate.updates());
        var ema = new Ema(rate(tf, rates, 4));
        var averages = teacherParams.list();
        for (int i = 0; i < moving.size(); i++) {
            Parameter average = averages.get(student.indexOf(moving.get(i)));
            updates.add(ema.update(
                    tf, average, moving.get(i), studentUpdate.updates().get(i)));
        }
        var variables = variables(student, averages, prototypes, studentUpdate, headUpdate);
        return new PretrainGraph(
                inputs,
                losses,
                student,
                prototypes,
                Metrics.stack(tf, losses, norm, headNorm, finite),
                tf.withControlDependencies(updates).noOp(),
                variables,
                VariableFile.create(tf, variables));
    }

    private static Operand<TFloat64> rate(Ops tf, Operand<TFloat64> rates, int index) {
        return tf.stridedSlice(rates, Indices.at(index));
    }

    private static List<Operand<TFloat32>> gradients(
            Ops tf, Workers workers, Operand<?> loss, List<Parameter> parameters) {
        var values = parameters.stream().map(Parameter::value).toList();
        var raw = tf.gradients(loss, values);
        List<Operand<TFloat32>> gradients = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            Operand<TFloat32> sum = workers.sum(tf, raw.dy(i));
            gradients.add(workers.count() == 1 ? sum : tf.math.div(sum, tf.constant((float) workers.count())));
        }
        return gradients;
    }

    private static Operand<TFloat64> norm(Ops tf, List<Operand<TFloat32>> gradients) {
        List<Operand<TFloat64>> halves = new ArrayList<>();
        for (Operand<TFloat32> gradient : gradients) {
            halves.add(tf.dtypes.cast(tf.nn.l2Loss(gradient), TFloat64.class));
        }
        return tf.math.sqrt(tf.math.mul(tf.math.addN(halves), tf.constant(2.0)));
    }

    private static Operand<TBool> allFinite(Ops tf, Operand<TFloat64> a, Operand<TFloat64> b) {
        return tf.math.logicalAnd(tf.math.isFinite(a), tf.math.isFinite(b));
    }

    /** Teacher values begin as the student's; everything else by its own initialiser. */
    private static List<Variable> variables(
            List<Parameter> student,
            List<Parameter> averages,
            List<Parameter> prototypes,
            AdamW.Update studentUpdate,
            AdamW.Update headUpdate) {
        List<Variable> copies = new ArrayList<>();
        for (int i = 0; i < student.size(); i++) {
            Parameter average = averages.get(i);
            copies.add(new Variable(
                    average.name(),
                    average.shape(),
                    average.handle(),
                    student.get(i).initial()));
        }
        return Stream.of(
                        student.stream().map(Parameter::variable),
                        copies.stream(),
                        prototypes.stream().map(Parameter::variable),
                        studentUpdate.moments().stream(),
                        headUpdate.moments().stream())
                .flatMap(s -> s)
                .toList();
    }
}
