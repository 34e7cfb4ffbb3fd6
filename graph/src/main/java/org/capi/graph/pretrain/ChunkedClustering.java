package org.capi.graph.pretrain;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.Workers;
import org.capi.graph.clustering.ClusteringConfig;
import org.capi.graph.clustering.ClusteringHead;
import org.capi.graph.clustering.RecomputedClustering;
import org.capi.graph.clustering.SinkhornKnopp;
import org.capi.graph.clustering.TeacherHead;
import org.capi.graph.clustering.TeacherHead.Clusters;
import org.capi.graph.pretrain.PredictionObjective.TeacherTargets;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * The forward pass of the teacher's head over the whole batch, and its backward pass if it is trained, a chunk of
 * positions at a time.
 *
 * <p>Positions are normalised independently, so that doing a few at a time changes nothing, and the matrix of all
 * logits need not exist. Where all tokens are normalised together it does, and everything else is done a few positions
 * at a time.
 *
 * @param parameters of the head; empty if it is not trained
 * @param positionsAtOnce how many positions are done at a time
 */
public record ChunkedClustering<T extends TFloating>(
        TeacherHead<T> head, List<Parameter> parameters, int positionsAtOnce) {

    private static final long SMALL_BYTES = 128L << 20;
    private static final int MAX_CHUNKS = 32;
    private static final int RECOMPUTED = 16;

    /**
     * As many positions at once as make a matrix of logits of 128 MiB, or a 32nd of the whole one where that is more.
     *
     * @param features {@code [positions, batch, dim]}
     * @param recomputed whether it is for {@link #recomputed}, which stores little of each: 16 times as many
     */
    static <T extends TFloating> ChunkedClustering<T> of(
            TeacherHead<T> head, List<Parameter> parameters, Shape features, boolean recomputed) {
        int positions = Math.toIntExact(features.get(0));
        long bytes = Float.BYTES * features.get(1) * head.config().prototypes();
        long allowed = Math.max(SMALL_BYTES, bytes * positions / MAX_CHUNKS) * (recomputed ? RECOMPUTED : 1);
        return new ChunkedClustering<>(
                head, parameters, Math.toIntExact(Math.min(positions, Math.max(1, allowed / bytes))));
    }

    /**
     * Assigns a batch.
     *
     * @param features {@code [positions, batch, dim]}
     * @param predicted batch-major positions whose assignments are wanted {@code [batch · predicted]}
     */
    TeacherTargets apply(Ops tf, Operand<T> features, Operand<TInt64> predicted, Workers workers) {
        List<Operand<T>> parts = parts(tf, features);
        var chunks = chunks(tf, parts, workers);
        TeacherTargets sum = chunk(tf, features, predicted, 0, parts.get(0), chunks.of(0, List.of()));
        for (int i = 1; i < parts.size(); i++) {
            long first = (long) i * positionsAtOnce;
            sum = sum.plus(tf, chunk(tf, features, predicted, first, parts.get(i), chunks.of(i, sum.all())));
        }
        return sum;
    }

    /** The same by {@link RecomputedClustering}, for positions that are normalised independently. */
    TeacherTargets recomputed(Ops tf, Operand<T> features, Operand<TInt64> predicted, Workers workers) {
        long positions = features.shape().get(0);
        List<RecomputedClustering<T>> chunks = new ArrayList<>();
        @Nullable Operand<TFloat32> loss = null;
        List<Operand<TFloat32>> gradients = List.of();
        for (Operand<T> part : parts(tf, features)) {
            Operand<T> waiting = part;
            if (!chunks.isEmpty()) {
                // The last one is read, so it is the smallest.
                List<Operand<TFloat32>> done = new ArrayList<>(gradients);
                done.add(chunks.get(chunks.size() - 1).counts());
                done.sort(Comparator.comparingLong(
                                (Operand<TFloat32> x) -> x.shape().size())
                        .reversed());
                waiting = Tensors.after(tf, part, done);
            }
            double share = (double) part.shape().get(0) / positions;
            var chunk = RecomputedClustering.create(tf, head, waiting, share, workers);
            chunks.add(chunk);
            if (chunk.loss() != null && chunk.gradient() != null) {
                loss = loss == null ? chunk.loss() : tf.math.add(loss, chunk.loss());
                var more = Gradient.through(tf, chunk.logits(), chunk.gradient(), parameters);
                gradients = gradients.isEmpty() ? more : Gradient.sum(tf, gradients, more);
            }
        }
        var count = tf.constant(positions);
        var position = tf.math.floorMod(predicted, count);
        var image = tf.math.floorDiv(predicted, count);
        var index =
                tf.math.add(tf.math.mul(position, tf.constant(features.shape().get(1))), image);
        var tokens = tf.reshape(
                features, tf.constant(new long[] {-1, features.shape().get(2)}));
        var rows = RecomputedClustering.assignments(
                tf, head, tf.gather(tokens, index, tf.constant(0)), chunks, position, index);
        return new TeacherTargets(
                rows,
                loss,
                gradients,
                chunks.stream().map(RecomputedClustering::counts).toList());
    }

    private List<Operand<T>> parts(Ops tf, Operand<T> features) {
        long positions = features.shape().get(0);
        if (positionsAtOnce >= positions) {
            return List.of(features);
        }
        List<Operand<T>> parts = new ArrayList<>();
        for (long first = 0; first < positions; first += positionsAtOnce) {
            parts.add(tf.stridedSlice(features, Indices.slice(first, Math.min(positions, first + positionsAtOnce))));
        }
        return parts;
    }

    private TeacherHead.Chunks chunks(Ops tf, List<Operand<T>> parts, Workers workers) {
        if (parts.size() > 1 && head.config().samples() == SinkhornKnopp.Grouping.STANDARD) {
            return head.inChunks(tf, parts, workers);
        }
        return (i, done) ->
                head.apply(tf, done.isEmpty() ? parts.get(i) : Tensors.after(tf, parts.get(i), done), workers);
    }

    private TeacherTargets chunk(
            Ops tf, Operand<T> features, Operand<TInt64> predicted, long first, Operand<T> part, Clusters clusters) {
        long positions = features.shape().get(0);
        long count = part.shape().get(0);
        boolean whole = count == positions;
        List<Operand<TFloat32>> counts = List.of(tf.reduceSum(clusters.assignments(), tf.constant(1)));
        var rows = targets(tf, clusters.assignments(), predicted, positions, first);
        if (clusters.loss() == null) {
            return new TeacherTargets(rows, null, List.of(), counts);
        }
        // Grappler would store a gradient of the loss that follows from constants only, as large as the logits.
        var share = tf.math.add(tf.constant((float) count / positions), Tensors.zero(tf, part, TFloat32.class));
        var loss = whole ? clusters.loss() : tf.math.mul(clusters.loss(), share);
        return new TeacherTargets(rows, loss, Gradient.of(tf, loss, parameters), counts);
    }

    /**
     * The assignments of a chunk {@code [count, batch, prototypes]} at batch-major positions of the whole grid, and
     * zeros where these lie outside the chunk: {@code [batch · predicted] -> [batch · predicted, prototypes]}.
     */
    private static Operand<TFloat32> targets(
            Ops tf, Operand<TFloat32> assignments, Operand<TInt64> predicted, long positions, long first) {
        long count = assignments.shape().get(0);
        var image = tf.math.floorDiv(predicted, tf.constant(positions));
        var position = tf.math.sub(tf.math.floorMod(predicted, tf.constant(positions)), tf.constant(first));
        var inside = tf.math.maximum(tf.constant(0L), tf.math.minimum(position, tf.constant(count - 1)));
        var row =
                tf.math.add(tf.math.mul(inside, tf.constant(assignments.shape().get(1))), image);
        var flat = tf.reshape(
                assignments, tf.constant(new long[] {-1, assignments.shape().get(2)}));
        Operand<TFloat32> rows = tf.gather(flat, row, tf.constant(0));
        if (count == positions) {
            return rows;
        }
        var found = tf.expandDims(tf.math.equal(position, inside), tf.constant(1));
        return tf.select(found, rows, tf.constant(0f));
    }

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
            var outcome = ChunkedClustering.of(head, params.list(), shape, false)
                    .apply(tf, features, predicted, Workers.ALONE);
            List<Op> initial = new ArrayList<>();
            params.list().forEach(p -> initial.add(tf.assignVariableOp(p.handle(), p.initial())));
            List<Op> results = new ArrayList<>(outcome.gradients());
            results.add(outcome.rows());
            results.add(outcome.prototypeCounts(tf));
            return new ClusteringGraph(
                    features,
                    predicted,
                    tf.withControlDependencies(initial).noOp(),
                    tf.withControlDependencies(results).noOp(),
                    requireNonNull(outcome.loss()));
        }
    }
}
