package org.capi.graph;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** How the first value of a parameter is made. */
@FunctionalInterface
public interface Initializer {

    /** All zeros. */
    Initializer ZEROS = (tf, shape, seed) -> tf.fill(tf.constant(shape), tf.constant(0f));

    /** All ones. */
    Initializer ONES = (tf, shape, seed) -> tf.fill(tf.constant(shape), tf.constant(1f));

    /**
     * Uniform in ±√(6 / (in + out)) (Glorot and Bengio 2010) for a weight {@code [out, ...]}, whose {@code in} is the
     * product of the other axes.
     */
    Initializer XAVIER_UNIFORM = (tf, shape, seed) -> {
        long out = shape.get(0);
        long in = shape.size() / out;
        return uniform(Math.sqrt(6.0 / (in + out))).values(tf, shape, seed);
    };

    /** Builds the value; {@code seed} is a pair of keys, {@code [2]}. */
    Operand<TFloat32> values(Ops tf, Shape shape, Operand<TInt64> seed);

    /** Uniform in [-bound, bound). */
    static Initializer uniform(double bound) {
        return (tf, shape, seed) -> {
            var draws = tf.random.statelessRandomUniform(tf.constant(shape), seed);
            return tf.math.mul(
                    tf.math.sub(tf.math.mul(draws, tf.constant(2f)), tf.constant(1f)), tf.constant((float) bound));
        };
    }

    /** Normal around zero, not truncated. */
    static Initializer normal(double deviation) {
        return (tf, shape, seed) ->
                tf.math.mul(tf.random.statelessRandomNormal(tf.constant(shape), seed), tf.constant((float) deviation));
    }
}
