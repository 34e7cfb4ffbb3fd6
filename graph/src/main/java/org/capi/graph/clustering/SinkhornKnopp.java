package org.capi.graph.clustering;

import java.util.List;
import org.capi.graph.Workers;
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
 * <p>With {@code scores = logits / temperature} and {@code K = exp(scores + 50 - max over samples)} every iterate is
 * {@code diag(r)·K·diag(c)}, so only the vectors change: {@code c ← c / (c·(Kᵀr) + 1e-8)}, then {@code r ← r / (r·(Kc)
 * + 1e-8)}. The epsilon matters: a sample that no prototype wants keeps less mass than 1.
 *
 * @param iterations how often both normalisations are done; 0 leaves K as it is
 * @param temperature divides the logits
 */
public record SinkhornKnopp(int iterations, double temperature) {

    private static final float EPSILON = 1e-8f;
    static final float SHIFT = 50;

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
        var maxScores = workers.max(tf, tf.reduceMax(scores, tf.constant(-2), ReduceMax.keepDims(true)));
        Operand<TFloat32> k = tf.math.exp(
                tf.math.add(tf.math.sub(scores, maxScores), tf.constant(SHIFT))); // [..., samples, prototypes]
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

    /** See {@link ChunkedSinkhornKnopp}. */
    public ChunkedSinkhornKnopp chunks(Ops tf, List<Operand<TFloat32>> logits, Workers workers) {
        return ChunkedSinkhornKnopp.create(tf, this, logits, workers);
    }

    /** {@code samples / prototypes} of all workers together. */
    static Operand<TFloat32> drift(Ops tf, long samples, long prototypes, Workers workers) {
        return tf.constant((float) ((double) workers.count() * samples / prototypes));
    }

    static Operand<TFloat32> columnSums(Ops tf, Operand<TFloat32> x, Workers workers) {
        return workers.sum(tf, columnSums(tf, x));
    }

    static Operand<TFloat32> columnSums(Ops tf, Operand<TFloat32> x) {
        return tf.reduceSum(x, tf.constant(-2), ReduceSum.keepDims(true));
    }

    static Operand<TFloat32> rowSums(Ops tf, Operand<TFloat32> x) {
        return tf.reduceSum(x, tf.constant(-1), ReduceSum.keepDims(true));
    }

    /** {@code 1 / (sums + 1e-8)}. */
    static Operand<TFloat32> reciprocal(Ops tf, Operand<TFloat32> sums) {
        return tf.math.reciprocal(tf.math.add(sums, tf.constant(EPSILON)));
    }

    /** {@code scale / (scale·sums + 1e-8)}. */
    static Operand<TFloat32> normalized(Ops tf, Operand<TFloat32> scale, Operand<TFloat32> sums) {
        return tf.math.div(scale, tf.math.add(tf.math.mul(scale, sums), tf.constant(EPSILON)));
    }

    /** Which tokens share one Sinkhorn-Knopp normalisation. */
    public enum Grouping {
        /** The tokens of one position over the batch, each position on its own (CAPI's modification). */
        POSITIONWISE {
            @Override
            Operand<TFloat32> arrange(Ops tf, Operand<TFloat32> logits) {
                return logits;
            }
        },
        /** All tokens of all images together. */
        STANDARD {
            @Override
            Operand<TFloat32> arrange(Ops tf, Operand<TFloat32> logits) {
                long prototypes = logits.shape().get(-1);
                return tf.reshape(logits, tf.constant(new long[] {-1, prototypes}));
            }
        };

        /** {@code [..., samples, prototypes]} with the independent problems along the leading axes. */
        abstract Operand<TFloat32> arrange(Ops tf, Operand<TFloat32> logits);
    }
}
