package org.capi.graph.clustering;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Order;
import org.capi.graph.Workers;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.types.TFloat32;

/**
 * Sinkhorn-Knopp normalisation (Cuturi 2013, as used for self-labelling by Caron et al. 2020): alternately gives every
 * prototype the same mass over the samples and every sample the mass 1 over the prototypes.
 *
 * <p>With {@code scores = logits / temperature} and {@code K = exp(scores + 50 - max over samples)} every iterate is {@code diag(r)·K·diag(c)}, so only the vectors
 * change: {@code c ← c / (c·(Kᵀr) + 1e-8)}, then {@code r ← r / (r·(Kc) + 1e-8)}. The epsilon matters: a sample that
 * no prototype wants keeps less mass than 1.
 *
 * @param iterations how often both normalisations are done; 0 leaves K as it is
 * @param temperature divides the logits
 */
public record SinkhornKnopp(int iterations, double temperature) {

    private static final float EPSILON = 1e-8f;
    private static final float SHIFT = 50;

    /** Checks count and temperature. */
    public SinkhornKnopp {
        if (iterations < 0) {
            throw new IllegalArgumentException("sinkhorn_iterations must be at least 0, was " + iterations);
        }
        if (!(temperature > 0)) {
            throw new IllegalArgumentException("the temperature of Sinkhorn-Knopp must be above 0, was " + temperature);
        }
    }

    /**
     * Assigns samples to prototypes.
     *
     * @param logits {@code [..., samples, prototypes]}; leading axes are independent
     * @return {@code [..., samples, prototypes]}
     */
    public Operand<TFloat32> apply(Ops tf, Operand<TFloat32> logits, Workers workers) {
        Shape shape = logits.shape();
        if (shape.numDimensions() < 2 || shape.get(-2) == 0 || shape.get(-1) == 0) {
            throw new IllegalArgumentException(
                    "logits must have the axes samples and prototypes, neither empty, their shape was " + shape);
        }
        var scores = tf.math.div(logits, tf.constant((float) temperature));
        var most = workers.max(tf, tf.reduceMax(scores, tf.constant(-2), ReduceMax.keepDims(true)));
        Operand<TFloat32> k =
                tf.math.exp(tf.math.add(tf.math.sub(scores, most), tf.constant(SHIFT))); // [..., samples, prototypes]
        if (iterations == 0) {
            return k;
        }
        Operand<TFloat32> c = reciprocal(tf, columnSums(tf, k, workers)); // [..., 1, prototypes]
        Operand<TFloat32> r = reciprocal(tf, rowSums(tf, tf.math.mul(k, c))); // [..., samples, 1]
        // Every iteration multiplies r by samples / prototypes and divides c by as much. Only their product matters, so
        // that factor is taken out again: both would leave the range of float32 otherwise.
        var drift = drift(tf, shape.get(-2), shape.get(-1), workers);
        for (int i = 1; i < iterations; i++) {
            r = tf.math.div(r, drift);
            c = normalized(tf, tf.math.mul(c, drift), columnSums(tf, tf.math.mul(k, r), workers));
            r = normalized(tf, r, rowSums(tf, tf.math.mul(k, c)));
        }
        return tf.math.mul(tf.math.mul(k, c), r);
    }

    /**
     * Prepares the assignment of samples that come in chunks and are normalised together. Beside the logits, which stay,
     * there is one chunk's K at a time: each pass computes it again.
     *
     * @param logits {@code [samples, prototypes]} each
     */
    public Chunks chunks(Ops tf, List<Operand<TFloat32>> logits, Workers workers) {
        long samples = logits.stream().mapToLong(x -> x.shape().get(0)).sum();
        var drift = drift(tf, samples, logits.get(0).shape().get(1), workers);
        Chunks chunks = new Chunks(this, logits, most(tf, logits, workers), null, List.of());
        for (int i = 0; i < iterations; i++) {
            chunks = chunks.next(tf, drift, workers);
        }
        return chunks;
    }

    /** The largest score of each prototype, {@code [1, prototypes]}. */
    private Operand<TFloat32> most(Ops tf, List<Operand<TFloat32>> logits, Workers workers) {
        @Nullable Operand<TFloat32> most = null;
        for (Operand<TFloat32> chunk : logits) {
            Operand<TFloat32> here = tf.reduceMax(chunk, tf.constant(-2), ReduceMax.keepDims(true));
            most = most == null ? here : tf.math.maximum(most, here);
        }
        return workers.max(tf, tf.math.div(requireNonNull(most), tf.constant((float) temperature)));
    }

    /**
     * Where the iteration over chunks is: after the columns were normalised and before the rows are.
     *
     * @param most the largest score of each prototype {@code [1, prototypes]}
     * @param c {@code [1, prototypes]}; null before the first iteration
     * @param r {@code [samples, 1]} of each chunk as the columns' normalisation used them; empty where they were ones
     */
    public record Chunks(
            SinkhornKnopp sinkhorn,
            List<Operand<TFloat32>> logits,
            Operand<TFloat32> most,
            @Nullable Operand<TFloat32> c,
            List<Operand<TFloat32>> r) {

        /** Keeps unmodifiable copies. */
        public Chunks {
            logits = List.copyOf(logits);
            r = List.copyOf(r);
        }

        /** The assignments of one chunk {@code [samples, prototypes]}, computed once all of {@code done} is there. */
        public Operand<TFloat32> assignments(Ops tf, int chunk, List<? extends Operand<?>> done) {
            var k = kernel(tf, chunk, done);
            return c == null ? k : tf.math.mul(tf.math.mul(k, c), rows(tf, k, c, chunk));
        }

        /** What was computed last, {@code [1, prototypes]}. */
        Operand<TFloat32> latest() {
            return c == null ? most : c;
        }

        private Chunks next(Ops tf, Operand<TFloat32> drift, Workers workers) {
            List<Operand<TFloat32>> rows = new ArrayList<>();
            @Nullable Operand<TFloat32> sums = null;
            for (int i = 0; i < logits.size(); i++) {
                var k = kernel(tf, i, List.of(sums == null ? latest() : sums));
                if (c != null) {
                    var row = tf.math.div(rows(tf, k, c, i), drift);
                    rows.add(row);
                    k = tf.math.mul(k, row);
                }
                var here = columnSums(tf, k);
                sums = sums == null ? here : tf.math.add(sums, here);
            }
            var all = workers.sum(tf, requireNonNull(sums));
            var columns = c == null ? reciprocal(tf, all) : normalized(tf, tf.math.mul(c, drift), all);
            return new Chunks(sinkhorn, logits, most, columns, rows);
        }

        private Operand<TFloat32> rows(Ops tf, Operand<TFloat32> k, Operand<TFloat32> columns, int chunk) {
            var sums = rowSums(tf, tf.math.mul(k, columns));
            return r.isEmpty() ? reciprocal(tf, sums) : normalized(tf, r.get(chunk), sums);
        }

        /** {@code exp(scores + 50 - most)}; a temperature that waits keeps optimizers from storing what passes share. */
        private Operand<TFloat32> kernel(Ops tf, int chunk, List<? extends Operand<?>> done) {
            Operand<TFloat32> temperature = tf.constant((float) sinkhorn.temperature());
            var scores = tf.math.div(logits.get(chunk), Order.after(tf, temperature, done));
            return tf.math.exp(tf.math.add(tf.math.sub(scores, most), tf.constant(SHIFT)));
        }
    }

    /** {@code samples / prototypes} of all workers together. */
    private static Operand<TFloat32> drift(Ops tf, long samples, long prototypes, Workers workers) {
        return tf.constant((float) ((double) workers.count() * samples / prototypes));
    }

    private static Operand<TFloat32> columnSums(Ops tf, Operand<TFloat32> x, Workers workers) {
        return workers.sum(tf, columnSums(tf, x));
    }

    private static Operand<TFloat32> columnSums(Ops tf, Operand<TFloat32> x) {
        return tf.reduceSum(x, tf.constant(-2), ReduceSum.keepDims(true));
    }

    private static Operand<TFloat32> rowSums(Ops tf, Operand<TFloat32> x) {
        return tf.reduceSum(x, tf.constant(-1), ReduceSum.keepDims(true));
    }

    /** {@code 1 / (sums + 1e-8)}. */
    private static Operand<TFloat32> reciprocal(Ops tf, Operand<TFloat32> sums) {
        return tf.math.reciprocal(tf.math.add(sums, tf.constant(EPSILON)));
    }

    /** {@code scale / (scale·sums + 1e-8)}. */
    private static Operand<TFloat32> normalized(Ops tf, Operand<TFloat32> scale, Operand<TFloat32> sums) {
        return tf.math.div(scale, tf.math.add(tf.math.mul(scale, sums), tf.constant(EPSILON)));
    }
}
