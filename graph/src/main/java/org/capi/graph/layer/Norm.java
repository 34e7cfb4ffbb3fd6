package org.capi.graph.layer;

import org.capi.graph.Initializer;
import org.capi.graph.Parameter.Role;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** A normalisation of the last axis, always computed in float32. */
public sealed interface Norm {

    /** {@code [..., dim] -> [..., dim]}. */
    <T extends TFloating> Operand<T> apply(Ops tf, Operand<T> x);

    /**
     * Division by the root mean square of the last axis, {@code x / √(mean(x²) + epsilon) · weight} (Zhang and Sennrich
     * 2019), in float32.
     *
     * @param weight {@code [dim]}, or null for a norm without gain
     * @param compiled whether XLA compiles it
     */
    public record RmsNorm(@Nullable Operand<TFloat32> weight, float epsilon, boolean compiled) implements Norm {

        private static final float EPSILON = 1e-5f;

        /** Declares a norm with a gain, {@code weight}, of ones, and the epsilon of the published CAPI models. */
        public static RmsNorm create(Parameters<?> params, int dim) {
            return create(params, dim, EPSILON);
        }

        /** Declares a norm with a gain, {@code weight}, of ones. */
        public static RmsNorm create(Parameters<?> params, int dim, float epsilon) {
            return new RmsNorm(
                    params.declareFloat32("weight", Role.NORM, Shape.of(dim), Initializer.ONES),
                    epsilon,
                    params.plan().compiled());
        }

        /** A norm that only divides. */
        public static RmsNorm withoutGain() {
            return new RmsNorm(null, EPSILON, false);
        }

        @Override
        public <T extends TFloating> Operand<T> apply(Ops tf, Operand<T> x) {
            Operand<TFloat32> wide = Tensors.cast(tf, x, TFloat32.class);
            // A product with the inverse: the gradient of a quotient has two divisions of the whole tensor.
            Operand<TFloat32> y = tf.math.mul(wide, inverseRoot(tf, wide));
            return Tensors.cast(tf, weight == null ? y : tf.math.mul(y, weight), x.type());
        }

        /** What tokens are multiplied by, {@code 1 / √(mean(x²) + epsilon)}: {@code [..., dim] -> [..., 1]}. */
        Operand<TFloat32> inverseRoot(Ops tf, Operand<TFloat32> x) {
            return tf.math.rsqrt(meanSquarePlusEpsilon(tf, x));
        }

        private Operand<TFloat32> meanSquarePlusEpsilon(Ops tf, Operand<TFloat32> x) {
            var squares = tf.math.square(x);
            if (!compiled) {
                return tf.math.add(tf.math.mean(squares, tf.constant(-1), Mean.keepDims(true)), tf.constant(epsilon));
            }
            // XLA computes what follows a sum in the pass that sums, but no constant may follow.
            float share = 1f / x.shape().get(-1);
            var terms = tf.math.add(tf.math.mul(squares, tf.constant(share)), tf.constant(epsilon * share));
            return tf.reduceSum(terms, tf.constant(-1), ReduceSum.keepDims(true));
        }
    }

    /**
     * Layer normalisation, {@code (x - mean(x)) / √(variance(x) + epsilon) · weight + bias} (Ba et al. 2016), in
     * float32.
     *
     * @param weight {@code [dim]}
     * @param bias {@code [dim]}
     */
    public record LayerNorm(Operand<TFloat32> weight, Operand<TFloat32> bias, float epsilon) implements Norm {

        /** Declares {@code weight}, of ones, and {@code bias}, of zeros. */
        public static LayerNorm create(Parameters<?> params, int dim, float epsilon) {
            var shape = Shape.of(dim);
            return new LayerNorm(
                    params.declareFloat32("weight", Role.NORM, shape, Initializer.ONES),
                    params.declareFloat32("bias", Role.BIAS, shape, Initializer.ZEROS),
                    epsilon);
        }

        @Override
        public <T extends TFloating> Operand<T> apply(Ops tf, Operand<T> x) {
            Operand<TFloat32> wide = Tensors.cast(tf, x, TFloat32.class);
            var centred = tf.math.sub(wide, tf.math.mean(wide, tf.constant(-1), Mean.keepDims(true)));
            var variance = tf.math.mean(tf.math.square(centred), tf.constant(-1), Mean.keepDims(true));
            var y = tf.math.div(centred, tf.math.sqrt(tf.math.add(variance, tf.constant(epsilon))));
            return Tensors.cast(tf, tf.math.add(tf.math.mul(y, weight), bias), x.type());
        }
    }

    /**
     * Scales the last axis to length 1, {@code x / max(‖x‖, epsilon)}, in float32.
     *
     * @param epsilon the smallest divisor
     */
    public record UnitLength(double epsilon) {

        /** {@code [..., dim] -> [..., dim]}. */
        public <T extends TFloating> Operand<T> apply(Ops tf, Operand<T> x) {
            Operand<TFloat32> wide = Tensors.cast(tf, x, TFloat32.class);
            var squares = tf.reduceSum(tf.math.square(wide), tf.constant(-1), ReduceSum.keepDims(true));
            // The maximum is taken of squares, so that a zero vector has a zero gradient and not NaN.
            var bounded = tf.math.maximum(squares, tf.constant((float) (epsilon * epsilon)));
            return Tensors.cast(tf, tf.math.div(wide, tf.math.sqrt(bounded)), x.type());
        }
    }
}
