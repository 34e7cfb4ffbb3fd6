package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.capi.graph.Losses;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.Workers;
import org.capi.graph.clustering.ClusteringHead;
import org.capi.graph.clustering.PredictionHead;
import org.capi.graph.clustering.PredictionHead.MlpHead;
import org.capi.graph.clustering.PredictionHead.WeightNormedHead;
import org.capi.graph.clustering.RecomputedClustering;
import org.capi.graph.clustering.TeacherHead;
import org.capi.graph.clustering.TeacherHead.EmaHead;
import org.capi.graph.layer.Linear;
import org.capi.graph.pretrain.StepConfig.StudentHead;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/** What the student predicts of patches that it does not see, and how wrong it is. */
sealed interface PredictionObjective<T extends TFloating> {

    /**
     * That of a configuration.
     *
     * @param student where the student's head is declared
     * @param average where its moving average is declared
     * @param trained where a head that is trained on the teacher's side is declared
     */
    static <T extends TFloating> PredictionObjective<T> create(
            StepConfig config, Parameters<T> student, Parameters<T> average, Parameters<T> trained) {
        var clustering = config.clustering();
        boolean compiled = config.plan().compiled();
        return switch (config.objective().objective()) {
            case CLUSTERING -> {
                var head = prototypeHead(config, student);
                prototypeHead(config, average);
                var teacher = ClusteringHead.create(trained, config.vit().dim(), clustering);
                yield new PrototypeAssignment<>(
                        head, teacher, trained.list(), clustering.studentTemperature(), compiled);
            }
            case IBOT -> {
                var head = prototypeHead(config, student);
                var teacher = new EmaHead<>(prototypeHead(config, average), clustering);
                yield new PrototypeAssignment<>(head, teacher, List.of(), clustering.studentTemperature(), compiled);
            }
            case DIRECT -> {
                var head = linear(config, student);
                linear(config, average);
                yield new DirectRegression<>(head);
            }
        };
    }

    private static <T extends TFloating> PredictionHead<T> prototypeHead(StepConfig config, Parameters<T> params) {
        int dim = config.vit().predictorDim();
        int prototypes = config.clustering().prototypes();
        return switch (config.objective().studentHead()) {
            case LINEAR -> WeightNormedHead.create(params, dim, prototypes);
            case MLP -> MlpHead.create(params, dim, prototypes);
            case IDENTITY -> throw new IllegalStateException("no prototypes without a head");
        };
    }

    private static <T extends TFloating> @Nullable Linear<T> linear(StepConfig config, Parameters<T> params) {
        var objective = config.objective();
        return objective.studentHead() == StudentHead.IDENTITY
                ? null
                : Linear.create(
                        params, config.vit().predictorDim(), objective.targets().width(config.vit()));
    }

    /**
     * Makes targets of features.
     *
     * @param features {@code [positions, batch, width]}
     * @param predicted batch-major positions that the student predicts {@code [batch · predicted]}
     */
    TeacherTargets targets(Ops tf, Operand<T> features, Operand<TInt64> predicted, Workers workers);

    /**
     * How wrong each prediction is, {@code [rows]}.
     *
     * @param predictions the predictor's output {@code [rows, predictorDim]}
     * @param targets {@code [rows, width]}
     */
    Operand<TFloat32> losses(Ops tf, Operand<T> predictions, Operand<TFloat32> targets);

    /**
     * To which prototypes the teacher's patch is assigned, by cross-entropy.
     *
     * @param head of the student
     * @param teacher assigns the teacher's patches
     * @param trained the parameters of the teacher's head; empty if it is not trained by itself
     * @param temperature divides the student's logits
     * @param compiled whether XLA compiles the step
     */
    record PrototypeAssignment<T extends TFloating>(
            PredictionHead<T> head,
            TeacherHead<T> teacher,
            List<Parameter> trained,
            double temperature,
            boolean compiled)
            implements PredictionObjective<T> {

        @Override
        public TeacherTargets targets(Ops tf, Operand<T> features, Operand<TInt64> predicted, Workers workers) {
            boolean recomputed = compiled && RecomputedClustering.supports(teacher.config());
            var clustering = ChunkedClustering.of(teacher, trained, features.shape(), recomputed);
            return recomputed
                    ? clustering.recomputed(tf, features, predicted, workers)
                    : clustering.apply(tf, features, predicted, workers);
        }

        @Override
        public Operand<TFloat32> losses(Ops tf, Operand<T> predictions, Operand<TFloat32> targets) {
            var logits = Tensors.cast(tf, head.apply(tf, predictions), TFloat32.class);
            return Losses.crossEntropy(tf, targets, logits, temperature);
        }
    }

    /**
     * The target itself, as the encoder's last norm or the normalisation of pixels leaves it, by the Huber loss.
     *
     * @param head from the predictor's width to the target's; null if they are compared as they are
     */
    record DirectRegression<T extends TFloating>(@Nullable Linear<T> head) implements PredictionObjective<T> {

        @Override
        public TeacherTargets targets(Ops tf, Operand<T> features, Operand<TInt64> predicted, Workers workers) {
            var positions = tf.constant(features.shape().get(0));
            var images = tf.constant(features.shape().get(1));
            var width = features.shape().get(2);
            var row = tf.math.add(
                    tf.math.mul(tf.math.floorMod(predicted, positions), images),
                    tf.math.floorDiv(predicted, positions));
            var rows = tf.gather(tf.reshape(features, tf.constant(new long[] {-1, width})), row, tf.constant(0));
            var targets = tf.stopGradient(Tensors.cast(tf, rows, TFloat32.class));
            return new TeacherTargets(targets, null, List.of(), List.of());
        }

        @Override
        public Operand<TFloat32> losses(Ops tf, Operand<T> predictions, Operand<TFloat32> targets) {
            var output = Tensors.cast(tf, head == null ? predictions : head.apply(tf, predictions), TFloat32.class);
            return Losses.huber(tf, output, targets);
        }
    }

    /**
     * What the teacher's side makes of a batch.
     *
     * @param rows targets at the predicted positions {@code [batch · predicted, width]}, without gradient
     * @param loss that the teacher's head is trained by, a scalar; null if it is not trained
     * @param gradients of that loss, one for each parameter of the head
     * @param countChunks the prototype counts, see {@link #prototypeCounts}, in consecutive chunks of positions; empty
     *     if nothing is assigned
     */
    record TeacherTargets(
            Operand<TFloat32> rows,
            @Nullable Operand<TFloat32> loss,
            List<Operand<TFloat32>> gradients,
            List<Operand<TFloat32>> countChunks) {

        /** The sums of the assignments over the batch {@code [positions, prototypes]}. */
        Operand<TFloat32> prototypeCounts(Ops tf) {
            return countChunks.size() == 1 ? countChunks.get(0) : tf.concat(countChunks, tf.constant(0));
        }

        /** Everything that has to be there before memory is taken for the next chunk. */
        List<Operand<TFloat32>> all() {
            List<Operand<TFloat32>> all = new ArrayList<>(gradients);
            all.addAll(countChunks);
            all.add(rows);
            return all;
        }

        /** What has to be there before memory is taken for the student. */
        List<Operand<TFloat32>> last() {
            return gradients.isEmpty() ? List.of(rows) : gradients;
        }

        /** Of two chunks of positions together. */
        TeacherTargets plus(Ops tf, TeacherTargets next) {
            return new TeacherTargets(
                    tf.math.add(rows, next.rows),
                    loss == null || next.loss == null ? null : tf.math.add(loss, next.loss),
                    Gradient.sum(tf, gradients, next.gradients),
                    Stream.concat(countChunks.stream(), next.countChunks.stream())
                            .toList());
        }
    }
}
