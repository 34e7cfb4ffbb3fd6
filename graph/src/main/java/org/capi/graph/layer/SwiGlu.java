package org.capi.graph.layer;

import org.capi.graph.Cast;
import org.capi.graph.Parameters;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** A gated feed-forward layer, {@code down(silu(gate(x)) · up(x))} with {@code silu(z) = z · sigmoid(z)} (Shazeer 2020). */
public record SwiGlu<T extends TFloating>(Linear<T> gate, Linear<T> up, Linear<T> down) implements FeedForward<T> {

    /** Declares {@code fc1_g}, {@code fc1_x} and {@code fc2}, each with a bias. */
    public static <T extends TFloating> SwiGlu<T> create(Parameters<T> params, int dim, int hiddenDim) {
        return new SwiGlu<>(
                Linear.createWithBias(params.in("fc1_g"), dim, hiddenDim),
                Linear.createWithBias(params.in("fc1_x"), dim, hiddenDim),
                Linear.createWithBias(params.in("fc2"), hiddenDim, dim));
    }

    @Override
    public Operand<T> apply(Ops tf, Operand<T> x) {
        var rows = Axes.rows(tf, x);
        var hidden = tf.math.mul(silu(tf, gate.ofRows(tf, rows)), up.ofRows(tf, rows));
        return Axes.unrows(tf, down.ofRows(tf, hidden), x);
    }

    private Operand<T> silu(Ops tf, Operand<T> x) {
        Operand<TFloat32> wide = Cast.to(tf, x, TFloat32.class);
        return Cast.to(tf, tf.math.mul(wide, tf.math.sigmoid(wide)), x.type());
    }
}
