package org.capi.graph.layer;

import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** What a block does to each token by itself. */
public sealed interface FeedForward<T extends TFloating> {

    /** {@code [..., dim] -> [..., dim]}. */
    Operand<T> apply(Ops tf, Operand<T> x);

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
            var rows = Tensors.rows(tf, x);
            if (x.type().equals(TFloat32.class)) {
                // On a CPU a product, a bias and a GELU are one op, but only if all three are there, in this order.
                return Tensors.unrows(
                        tf, down.ofRows(tf, gelu(tf, up.withBias(tf).ofRows(tf, rows))), x);
            }
            // The half of a GELU is cheaper to take of the weights, and loses no digit.
            return Tensors.unrows(tf, down.half(tf).ofRows(tf, twiceGelu(tf, up.ofRows(tf, rows))), x);
        }

        /** {@code x · (1 + erf(x / √2)) / 2}, not its tanh approximation. */
        public static <T extends TFloating> Operand<T> gelu(Ops tf, Operand<T> x) {
            Operand<TFloat32> wide = Tensors.cast(tf, x, TFloat32.class);
            return Tensors.cast(tf, tf.math.mul(tf.math.mul(wide, tf.constant(0.5f)), erfPlusOne(tf, wide)), x.type());
        }

        private static <T extends TFloating> Operand<T> twiceGelu(Ops tf, Operand<T> x) {
            Operand<TFloat32> wide = Tensors.cast(tf, x, TFloat32.class);
            return Tensors.cast(tf, tf.math.mul(wide, erfPlusOne(tf, wide)), x.type());
        }

        private static Operand<TFloat32> erfPlusOne(Ops tf, Operand<TFloat32> x) {
            return tf.math.add(tf.math.erf(tf.math.mul(x, tf.constant((float) Math.sqrt(0.5)))), tf.constant(1f));
        }
    }

    /**
     * A gated feed-forward layer, {@code down(silu(gate(x)) · up(x))} with {@code silu(z) = z · sigmoid(z)} (Shazeer
     * 2020).
     */
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
            var rows = Tensors.rows(tf, x);
            var hidden = tf.math.mul(silu(tf, gate.ofRows(tf, rows)), up.ofRows(tf, rows));
            return Tensors.unrows(tf, down.ofRows(tf, hidden), x);
        }

        private Operand<T> silu(Ops tf, Operand<T> x) {
            Operand<TFloat32> wide = Tensors.cast(tf, x, TFloat32.class);
            return Tensors.cast(tf, tf.math.mul(wide, tf.math.sigmoid(wide)), x.type());
        }
    }
}
