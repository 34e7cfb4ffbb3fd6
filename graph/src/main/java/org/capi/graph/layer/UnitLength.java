package org.capi.graph.layer;

import org.capi.graph.Cast;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Scales the last axis to length 1, {@code x / max(‖x‖, epsilon)}, in float32.
 *
 * @param epsilon the least divisor
 */
public record UnitLength(double epsilon) {

    /** {@code [..., dim] -> [..., dim]}. */
    public <T extends TFloating> Operand<T> apply(Ops tf, Operand<T> x) {
        Operand<TFloat32> wide = Cast.to(tf, x, TFloat32.class);
        var squares = tf.reduceSum(tf.math.square(wide), tf.constant(-1), ReduceSum.keepDims(true));
        // The maximum is taken of squares, so that a zero vector has a zero gradient and not NaN.
        var bounded = tf.math.maximum(squares, tf.constant((float) (epsilon * epsilon)));
        return Cast.to(tf, tf.math.div(wide, tf.math.sqrt(bounded)), x.type());
    }
}
