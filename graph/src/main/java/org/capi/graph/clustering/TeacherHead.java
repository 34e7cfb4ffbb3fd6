package org.capi.graph.clustering;

import java.util.List;
import org.capi.graph.Tensors;
import org.capi.graph.Workers;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** A head on the teacher's side: scores its patches by prototypes, and assigns them by Sinkhorn-Knopp. */
public sealed interface TeacherHead<T extends TFloating> permits ClusteringHead, TeacherHead.EmaHead {

    /** Temperatures, and which tokens are normalised together. */
    ClusteringConfig config();

    /** Scores of features in the compute type {@code [..., dim] -> [..., prototypes]}. */
    Operand<T> rawLogits(Ops tf, Operand<T> features);

    /** Scores of features {@code [..., dim] -> [..., prototypes]}. */
    default Operand<TFloat32> logits(Ops tf, Operand<T> features) {
        return Tensors.cast(tf, rawLogits(tf, features), TFloat32.class);
    }

    /** Whether the head has a loss of its own. */
    boolean trained();

    /** What the head itself is trained by, a scalar; null if its weights are not trained. */
    @Nullable
    Operand<TFloat32> loss(Ops tf, Operand<TFloat32> assignments, Operand<TFloat32> logits);

    /**
     * Assigns features.
     *
     * @param features {@code [positions, batch, dim]}
     */
    default Clusters apply(Ops tf, Operand<T> features, Workers workers) {
        var logits = logits(tf, features);
        var assigned = sinkhorn().apply(tf, config().samples().arrange(tf, tf.stopGradient(logits)), workers);
        return clusters(tf, logits, assigned);
    }

    /**
     * The same for features in chunks of positions whose samples are all normalised together. Of the whole batch only
     * the logits exist at once.
     *
     * @param features {@code [positions, batch, dim]} each
     */
    default Chunks inChunks(Ops tf, List<Operand<T>> features, Workers workers) {
        List<Operand<TFloat32>> logits =
                features.stream().map(part -> logits(tf, part)).toList();
        var samples = logits.stream()
                .map(part -> SinkhornKnopp.Grouping.STANDARD.arrange(tf, tf.stopGradient(part)))
                .toList();
        var sinkhorn = sinkhorn().chunks(tf, samples, workers);
        return (chunk, done) -> {
            // The logits of the loss wait too, by a factor of one that has to wait.
            List<Operand<TFloat32>> before = done.isEmpty() ? List.of(sinkhorn.latest()) : done;
            var one = Tensors.after(tf, tf.constant(1f), before);
            var waiting = tf.math.mul(logits.get(chunk), one);
            return clusters(tf, waiting, sinkhorn.assignments(tf, chunk, before));
        };
    }

    /** Clusters of chunks of a batch. */
    @FunctionalInterface
    interface Chunks {
        /** What the head makes of a chunk, once all of {@code done} is there; its loss is the chunk's own mean. */
        Clusters of(int chunk, List<Operand<TFloat32>> done);
    }

    private SinkhornKnopp sinkhorn() {
        return new SinkhornKnopp(config().sinkhornIterations(), config().teacherTemperature());
    }

    private Clusters clusters(Ops tf, Operand<TFloat32> logits, Operand<TFloat32> assigned) {
        var assignments = tf.stopGradient(tf.reshape(assigned, tf.constant(logits.shape())));
        return new Clusters(assignments, loss(tf, assignments, logits));
    }

    /**
     * What a teacher's head makes of a batch.
     *
     * @param assignments {@code [positions, batch, prototypes]}, without gradient
     * @param loss that the head is trained by, a scalar; null if it is not trained
     */
    public record Clusters(
            Operand<TFloat32> assignments, @Nullable Operand<TFloat32> loss) {}

    /**
     * A teacher's head that is the moving average of the student's, as in DINO and iBOT: it is not trained by itself.
     */
    public record EmaHead<T extends TFloating>(PredictionHead<T> head, ClusteringConfig config)
            implements TeacherHead<T> {

        @Override
        public Operand<T> rawLogits(Ops tf, Operand<T> features) {
            long dim = features.shape().get(-1);
            var rows = tf.reshape(features, tf.constant(new long[] {-1, dim}));
            return tf.reshape(head.apply(tf, rows), tf.constant(shape(features)));
        }

        @Override
        public boolean trained() {
            return false;
        }

        @Override
        public @Nullable Operand<TFloat32> loss(Ops tf, Operand<TFloat32> assignments, Operand<TFloat32> logits) {
            return null;
        }

        private long[] shape(Operand<T> features) {
            long[] shape = features.shape().asArray();
            shape[shape.length - 1] = config.prototypes();
            return shape;
        }
    }
}
