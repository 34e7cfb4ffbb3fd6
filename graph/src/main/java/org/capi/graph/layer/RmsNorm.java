package org.capi.graph.layer;

import org.capi.graph.Cast;
import org.capi.graph.Initializer;
import org.capi.graph.Parameters;
import org.capi.graph.Role;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Division by the root mean square of the last axis, {@code x / √(mean(x²) + epsilon) · weight} (Zhang and Sennrich
 * 2019), in float32.
 *
 * @param weight {@code [dim]}, or null for a norm without gain
 */
public record RmsNorm(@Nullable Operand<TFloat32> weight, float epsilon) implements Norm {

    private static final float EPSILON = 1e-5f;

    /** Declares a norm with a gain, {@code weight}, of ones, and the epsilon of the published CAPI models. */
    public static RmsNorm create(Parameters<?> params, int dim) {
        return create(params, dim, EPSILON);
    }

    /** Declares a norm with a gain, {@code weight}, of ones. */
    public static RmsNorm create(Parameters<?> params, int dim, float epsilon) {
        return new RmsNorm(params.declareFloat32("weight", Role.NORM, Shape.of(dim), Initializer.ONES), epsilon);
    }

    /** A norm that only divides. */
    public static RmsNorm withoutGain() {
        return new RmsNorm(null, EPSILON);
    }

    @Override
    public <T extends TFloating> Operand<T> apply(Ops tf, Operand<T> x) {
        Operand<TFloat32> wide = Cast.to(tf, x, TFloat32.class);
        var meanSquare = tf.math.mean(tf.math.square(wide), tf.constant(-1), Mean.keepDims(true));
        // A product with the inverse: the gradient of a quotient has two divisions of the whole tensor.
        Operand<TFloat32> y = tf.math.mul(wide, tf.math.rsqrt(tf.math.add(meanSquare, tf.constant(epsilon))));
        return Cast.to(tf, weight == null ? y : tf.math.mul(y, weight), x.type());
    }
}
