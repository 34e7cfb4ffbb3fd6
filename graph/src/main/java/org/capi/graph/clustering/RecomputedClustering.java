package org.capi.graph.clustering;

import java.util.List;
import java.util.function.Function;
import org.capi.graph.Tensors;
import org.capi.graph.Workers;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * Assignment of a chunk of positions and the gradient of its clustering loss with little memory traffic, for a step
 * that XLA compiles. The equations are those of {@link SinkhornKnopp} with {@link SinkhornKnopp.Grouping#POSITIONWISE}
 * and of {@link ClusteringHead#loss}, but of the arrays {@code [positions, batch, prototypes]} only the logits, in the
 * compute type, and their gradient are stored. Every pass over the samples or prototypes computes K from the logits
 * again: an exponential costs a GPU less than reading a float32 that was stored.
 *
 * <p>A compiler merges equal subgraphs, and would store K after all. So the temperature of each pass depends on the
 * result of the pass before, see {@link Tensors#after}.
 *
 * @param logits {@code [positions, batch, prototypes]}
 * @param max the largest score of each prototype at each position {@code [positions, 1, prototypes]}
 * @param c the factors of the columns {@code [positions, 1, prototypes]}
 * @param r the factors of the rows {@code [positions, batch, 1]}
 * @param counts the sums of the assignments over the batch {@code [positions, prototypes]}
 * @param loss the part of the chunk in the clustering loss, a scalar; null if the head is not trained
 * @param gradient of that loss by the logits {@code [positions, batch, prototypes]}; null if the head is not trained
 */
public record RecomputedClustering<T extends TFloating>(
        Operand<T> logits,
        Operand<TFloat32> max,
        Operand<TFloat32> c,
        Operand<TFloat32> r,
        Operand<TFloat32> counts,
        @Nullable Operand<TFloat32> loss,
        @Nullable Operand<T> gradient) {

    /** Whether a configuration can be computed so: positionwise, with at least one iteration. */
    public static boolean supports(ClusteringConfig config) {
        return config.samples() == SinkhornKnopp.Grouping.POSITIONWISE && config.sinkhornIterations() > 0;
    }

    /**
     * Builds it.
     *
     * @param features {@code [positions, batch, dim]}
     * @param share of this chunk in the loss of the whole batch
     */
    public static <T extends TFloating> RecomputedClustering<T> create(
            Ops tf, TeacherHead<T> head, Operand<T> features, double share, Workers workers) {
        var config = head.config();
        Operand<T> logits = head.rawLogits(tf, features);
        var pass = new Pass<>(tf, logits, config.teacherTemperature());
        Shape shape = logits.shape();
        var drift = SinkhornKnopp.drift(tf, shape.get(1), shape.get(2), workers);

        var columnMax = tf.reduceMax(pass.wide(), tf.constant(1), ReduceMax.keepDims(true));
        var max = workers.max(tf, tf.math.div(columnMax, tf.constant((float) config.teacherTemperature())));
        var c = SinkhornKnopp.reciprocal(tf, SinkhornKnopp.columnSums(tf, pass.kernel(max, max), workers));
        var sums = SinkhornKnopp.rowSums(tf, tf.math.mul(pass.kernel(max, c), c));
        var r = SinkhornKnopp.reciprocal(tf, sums);
        for (int i = 1; i < config.sinkhornIterations(); i++) {
            r = tf.math.div(r, drift);
            var columns = SinkhornKnopp.columnSums(tf, tf.math.mul(pass.kernel(max, r), r), workers);
            c = SinkhornKnopp.normalized(tf, tf.math.mul(c, drift), columns);
            sums = SinkhornKnopp.rowSums(tf, tf.math.mul(pass.kernel(max, c), c));
            r = SinkhornKnopp.normalized(tf, r, sums);
        }
        var columns = tf.reduceSum(tf.math.mul(pass.kernel(max, r), r), tf.constant(1));
        var counts = tf.math.mul(columns, tf.squeeze(c, Squeeze.axis(List.of(1L))));
        if (!head.trained()) {
            return new RecomputedClustering<>(logits, max, c, r, counts, null, null);
        }

        // With q = logits / temperature: -sum A·log_softmax(q) = sum A·logsumexp(q) - sum A·q, row by row.
        var prediction = new Pass<>(tf, logits, config.predictionTemperature());
        var rowMax =
                tf.math.div(tf.reduceMax(pass.wide(), tf.constant(-1), ReduceMax.keepDims(true)), tf.constant((float)
                        config.predictionTemperature()));
        var exponentials = SinkhornKnopp.rowSums(tf, tf.math.exp(tf.math.sub(prediction.scores(c), rowMax)));
        var logSumExp = tf.math.add(tf.math.log(exponentials), rowMax); // [positions, batch, 1]
        // Waits for more than the sums of the rows did: K·c for both would be stored.
        var products = tf.math.mul(tf.math.mul(pass.kernel(max, logSumExp), c), prediction.scores(logSumExp));
        var weighted = SinkhornKnopp.rowSums(tf, products);
        var mass = tf.math.mul(r, sums); // of each row of the assignments
        var rows = tf.math.sub(tf.math.mul(mass, logSumExp), tf.math.mul(r, weighted));
        double scale = share / (shape.get(0) * shape.get(1));
        var loss = tf.math.mul(
                tf.reduceSum(tf.reshape(rows, tf.constant(new int[] {-1})), tf.constant(0)),
                tf.constant((float) scale));

        var softmax = tf.math.exp(tf.math.sub(prediction.scores(counts), logSumExp));
        var assignments = tf.math.mul(tf.math.mul(pass.kernel(max, counts), c), r);
        var difference = tf.math.sub(tf.math.mul(softmax, mass), assignments);
        var factor = tf.constant((float) (scale / config.predictionTemperature()));
        var gradient = Tensors.cast(tf, tf.math.mul(difference, factor), logits.type());
        return new RecomputedClustering<>(logits, max, c, r, counts, loss, gradient);
    }

    /**
     * The assignments of single tokens, whose logits are computed again.
     *
     * @param features of the tokens {@code [tokens, dim]}
     * @param chunks of all positions, in order
     * @param positions of the tokens {@code [tokens]}
     * @param indices of the tokens among all, {@code position · batch + image} {@code [tokens]}
     * @return {@code [tokens, prototypes]}, without gradient
     */
    public static <T extends TFloating> Operand<TFloat32> assignments(
            Ops tf,
            TeacherHead<T> head,
            Operand<T> features,
            List<RecomputedClustering<T>> chunks,
            Operand<TInt64> positions,
            Operand<TInt64> indices) {
        var axis = tf.constant(0);
        long prototypes = head.config().prototypes();
        var max = joined(tf, chunks, RecomputedClustering::max, prototypes);
        var c = joined(tf, chunks, RecomputedClustering::c, prototypes);
        var r = joined(tf, chunks, RecomputedClustering::r, 1);
        var pass = new Pass<>(tf, head.rawLogits(tf, features), head.config().teacherTemperature());
        var k = pass.kernel(tf.gather(max, positions, axis), max);
        var scaled = tf.math.mul(k, tf.gather(c, positions, axis));
        return tf.stopGradient(tf.math.mul(scaled, tf.gather(r, indices, axis)));
    }

    private static <T extends TFloating> Operand<TFloat32> joined(
            Ops tf,
            List<RecomputedClustering<T>> chunks,
            Function<RecomputedClustering<T>, Operand<TFloat32>> part,
            long width) {
        List<Operand<TFloat32>> parts = chunks.stream().map(part).toList();
        var all = parts.size() == 1 ? parts.get(0) : tf.concat(parts, tf.constant(0));
        return tf.reshape(all, tf.constant(new long[] {-1, width}));
    }

    /** Functions of the logits at a temperature, computed anew for each result that they wait for. */
    private record Pass<T extends TFloating>(Ops tf, Operand<T> logits, double temperature) {

        Operand<TFloat32> wide() {
            return Tensors.cast(tf, tf.stopGradient(logits), TFloat32.class);
        }

        /** {@code logits / temperature}. */
        Operand<TFloat32> scores(Operand<TFloat32> done) {
            Operand<TFloat32> waiting = tf.constant((float) temperature);
            return tf.math.div(wide(), Tensors.after(tf, waiting, List.of(done)));
        }

        /** {@code exp(scores + 50 - max)}. */
        Operand<TFloat32> kernel(Operand<TFloat32> max, Operand<TFloat32> done) {
            return tf.math.exp(tf.math.add(tf.math.sub(scores(done), max), tf.constant(SinkhornKnopp.SHIFT)));
        }
    }
}
