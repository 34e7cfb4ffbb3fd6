package org.capi.graph.layer;

import org.capi.graph.Cast;
import org.capi.graph.Parameters;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** Two linear maps with an exact GELU between them. */
public record Mlp<T extends TFloating>(Linear<T> up, Linear<T> down) implements FeedForward<T> {

    private static final int EXPANSION = 4;

    /** Declares {@code fc1} and {@code fc2}; the hidden width is four times the width. */
    public static <T extends TFloating> Mlp<T> create(Parameters<T> params, int dim) {
        return new Mlp<>(
                Linear.create(params.in("fc1"), dim, EXPANSION * dim),
                Linear.create(params.in("fc2"), EXPANSION * dim, dim));
    }

    @Override
    public Operand<T> apply(Ops tf, Operand<T> x) {
        // A product, a bias and a GELU of float32 are one op on a CPU, but only if all three are there, in this order.
        var first = x.type().equals(TFloat32.class) ? up.withBias(tf) : up;
        return Axes.unrows(tf, down.ofRows(tf, gelu(tf, first.ofRows(tf, Axes.rows(tf, x)))), x);
    }

    /** {@code x · (1 + erf(x / √2)) / 2}, not its tanh approximation. */
    public static <T extends TFloating> Operand<T> gelu(Ops tf, Operand<T> x) {
        Operand<TFloat32> wide = Cast.to(tf, x, TFloat32.class);
        var erf = tf.math.erf(tf.math.mul(wide, tf.constant((float) Math.sqrt(0.5))));
        var half = tf.math.mul(wide, tf.constant(0.5f));
        return Cast.to(tf, tf.math.mul(half, tf.math.add(erf, tf.constant(1f))), x.type());
    }
}
