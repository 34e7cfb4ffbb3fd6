package org.capi.graph.clustering;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Tensors;
import org.capi.graph.Workers;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.types.TFloat32;

/**
 * {@link SinkhornKnopp} of samples that come in chunks and are normalised together. Only the logits of the whole batch
 * stay in memory: K exists for one chunk at a time, and each pass computes it again.
 *
 * <p>An instance is the state after the columns of an iteration were normalised and before its rows are.
 *
 * @param logits {@code [samples, prototypes]} of each chunk
 * @param maxScores the largest score of each prototype {@code [1, prototypes]}
 * @param c {@code [1, prototypes]}; null before the first iteration
 * @param r {@code [samples, 1]} of each chunk as the normalisation of the columns used them; empty where they were ones
 */
public record ChunkedSinkhornKnopp(
        SinkhornKnopp sinkhorn,
        List<Operand<TFloat32>> logits,
        Operand<TFloat32> maxScores,
        @Nullable Operand<TFloat32> c,
        List<Operand<TFloat32>> r) {

    /** Keeps unmodifiable copies. */
    public ChunkedSinkhornKnopp {
        logits = List.copyOf(logits);
        r = List.copyOf(r);
    }

    /** Builds all iterations. */
    static ChunkedSinkhornKnopp create(
            Ops tf, SinkhornKnopp sinkhorn, List<Operand<TFloat32>> logits, Workers workers) {
        long samples = logits.stream().mapToLong(x -> x.shape().get(0)).sum();
        var drift = SinkhornKnopp.drift(tf, samples, logits.get(0).shape().get(1), workers);
        @Nullable Operand<TFloat32> max = null;
        for (Operand<TFloat32> chunk : logits) {
            Operand<TFloat32> chunkMax = tf.reduceMax(chunk, tf.constant(-2), ReduceMax.keepDims(true));
            max = max == null ? chunkMax : tf.math.maximum(max, chunkMax);
        }
        var scores = tf.math.div(requireNonNull(max), tf.constant((float) sinkhorn.temperature()));
        var state = new ChunkedSinkhornKnopp(sinkhorn, logits, workers.max(tf, scores), null, List.of());
        for (int i = 0; i < sinkhorn.iterations(); i++) {
            state = state.next(tf, drift, workers);
        }
        return state;
    }

    /** The assignments of one chunk {@code [samples, prototypes]}, computed after all of {@code done}. */
    public Operand<TFloat32> assignments(Ops tf, int chunk, List<? extends Operand<?>> done) {
        var k = kernel(tf, chunk, done);
        return c == null ? k : tf.math.mul(tf.math.mul(k, c), rows(tf, k, c, chunk));
    }

    /** The vector that was computed last, {@code [1, prototypes]}. */
    Operand<TFloat32> latest() {
        return c == null ? maxScores : c;
    }

    private ChunkedSinkhornKnopp next(Ops tf, Operand<TFloat32> drift, Workers workers) {
        List<Operand<TFloat32>> rows = new ArrayList<>();
        @Nullable Operand<TFloat32> sums = null;
        for (int i = 0; i < logits.size(); i++) {
            var k = kernel(tf, i, List.of(sums == null ? latest() : sums));
            if (c != null) {
                var row = tf.math.div(rows(tf, k, c, i), drift);
                rows.add(row);
                k = tf.math.mul(k, row);
            }
            var chunkSums = SinkhornKnopp.columnSums(tf, k);
            sums = sums == null ? chunkSums : tf.math.add(sums, chunkSums);
        }
        var all = workers.sum(tf, requireNonNull(sums));
        var columns = c == null
                ? SinkhornKnopp.reciprocal(tf, all)
                : SinkhornKnopp.normalized(tf, tf.math.mul(c, drift), all);
        return new ChunkedSinkhornKnopp(sinkhorn, logits, maxScores, columns, rows);
    }

    private Operand<TFloat32> rows(Ops tf, Operand<TFloat32> k, Operand<TFloat32> columns, int chunk) {
        var sums = SinkhornKnopp.rowSums(tf, tf.math.mul(k, columns));
        return r.isEmpty() ? SinkhornKnopp.reciprocal(tf, sums) : SinkhornKnopp.normalized(tf, r.get(chunk), sums);
    }

    /** {@code exp(scores + 50 - max)}; the temperature waits, which keeps optimizers from storing what passes share. */
    private Operand<TFloat32> kernel(Ops tf, int chunk, List<? extends Operand<?>> done) {
        Operand<TFloat32> temperature = tf.constant((float) sinkhorn.temperature());
        var scores = tf.math.div(logits.get(chunk), Tensors.after(tf, temperature, done));
        return tf.math.exp(tf.math.add(tf.math.sub(scores, maxScores), tf.constant(SinkhornKnopp.SHIFT)));
    }
}
