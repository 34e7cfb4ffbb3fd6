package org.capi.graph.clustering;

import org.capi.graph.Cast;
import org.capi.graph.Initializer;
import org.capi.graph.Parameters;
import org.capi.graph.Role;
import org.capi.graph.layer.UnitLength;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * A linear head: unit-length features times weight-normed prototypes, {@code W = v·g / (‖v‖ + 1e-8)} row by row
 * (Salimans and Kingma 2016).
 *
 * @param gain {@code [prototypes, 1]}
 * @param direction {@code [prototypes, dim]}
 */
public record PredictionHead<T extends TFloating>(Operand<TFloat32> gain, Operand<TFloat32> direction)
        implements PrototypeHead<T> {

    private static final UnitLength UNIT_LENGTH = new UnitLength(1e-12);
    private static final float EPSILON = 1e-8f;
    private static final double DEVIATION = 0.02;

    /** Declares {@code last_layer.weight_g}, of ones, and {@code last_layer.weight_v}. */
    public static <T extends TFloating> PredictionHead<T> create(Parameters<T> params, int dim, int prototypes) {
        var layer = params.in("last_layer");
        return new PredictionHead<>(
                layer.declareFloat32("weight_g", Role.WEIGHT, Shape.of(prototypes, 1), Initializer.ONES),
                layer.declareFloat32(
                        "weight_v", Role.WEIGHT, Shape.of(prototypes, dim), Initializer.normal(DEVIATION)));
    }

    @Override
    public Operand<T> apply(Ops tf, Operand<T> x) {
        var squares = tf.reduceSum(tf.math.square(direction), tf.constant(1), ReduceSum.keepDims(true));
        var scale = tf.math.div(gain, tf.math.add(tf.math.sqrt(squares), tf.constant(EPSILON)));
        var weight = Cast.to(tf, tf.math.mul(direction, scale), x.type());
        return tf.linalg.matMul(UNIT_LENGTH.apply(tf, x), weight, MatMul.transposeB(true));
    }
}
