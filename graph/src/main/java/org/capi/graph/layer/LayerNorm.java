package org.capi.graph.layer;

import org.capi.graph.Cast;
import org.capi.graph.Initializer;
import org.capi.graph.Parameters;
import org.capi.graph.Role;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Layer normalisation, {@code (x - mean(x)) / √(variance(x) + epsilon) · weight + bias} (Ba et al. 2016), in float32.
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
        Operand<TFloat32> wide = Cast.to(tf, x, TFloat32.class);
        var centred = tf.math.sub(wide, tf.math.mean(wide, tf.constant(-1), Mean.keepDims(true)));
        var variance = tf.math.mean(tf.math.square(centred), tf.constant(-1), Mean.keepDims(true));
        var y = tf.math.div(centred, tf.math.sqrt(tf.math.add(variance, tf.constant(epsilon))));
        return Cast.to(tf, tf.math.add(tf.math.mul(y, weight), bias), x.type());
    }
}
