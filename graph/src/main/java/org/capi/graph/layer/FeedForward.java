package org.capi.graph.layer;

import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.layer.Norm.RmsNorm;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** What a block does to each token by itself. */
public sealed interface FeedForward<T extends TFloating> {

    /** {@code [..., dim] -> [..., dim]}. */
    Operand<T> apply(Ops tf, Operand<T> x);

    /** The same of what a norm makes of {@code x}. */
    default Operand<T> ofNormed(Ops tf, Norm norm, Operand<T> x) {
        return apply(tf, norm.apply(tf, x));
    }

    /**
     * Two linear maps with an exact GELU between them.
     *
     * @param normsHidden whether {@link #ofNormed} divides the hidden layer by the root mean square of a token, not the
     *     token: with XLA the norm is then no pass of its own
     */
    public record Mlp<T extends TFloating>(Linear<T> up, Linear<T> down, boolean normsHidden)
            implements FeedForward<T> {

        private static final int EXPANSION = 4;

        /** Declares {@code fc1} and {@code fc2}; the hidden width is four times the width. */
        public static <T extends TFloating> Mlp<T> create(Parameters<T> params, int dim) {
            // Not in float32, which rounds as the reference does. Not where a gradient is taken: that of the norm's
            // gain would be a pass over the gradient of the weights.
            return new Mlp<>(
                    Linear.create(params.in("fc1"), dim, EXPANSION * dim),
                    Linear.create(params.in("fc2"), EXPANSION * dim, dim),
                    params.compiled() && !params.trained() && !params.type().equals(TFloat32.class));
        }

        /** An MLP that takes tokens as they are. */
        public Mlp(Linear<T> up, Linear<T> down) {
            this(up, down, false);
        }

        /** {@code down(gelu(r · up(gain · x)))} for a norm {@code r · gain · x}. */
        @Override
        public Operand<T> ofNormed(Ops tf, Norm norm, Operand<T> x) {
            if (!(normsHidden && norm instanceof RmsNorm rms && rms.weight() != null && up.bias() == null)) {
                return FeedForward.super.ofNormed(tf, norm, x);
            }
            var rows = Tensors.rows(tf, x);
            var withGain = tf.math.mul(up.weight(), Tensors.cast(tf, rms.weight(), x.type()));
            var hidden = new Linear<>(withGain, null).ofRows(tf, rows);
            var root = rms.inverseRoot(tf, Tensors.cast(tf, rows, TFloat32.class));
            var wide = tf.math.mul(Tensors.cast(tf, hidden, TFloat32.class), root);
            // The whole GELU: cuBLAS adds a product to the tokens only if nothing else is done with its operands.
            return Tensors.unrows(tf, down.ofRows(tf, Tensors.cast(tf, wideGelu(tf, wide), x.type())), x);
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
            return Tensors.cast(tf, wideGelu(tf, Tensors.cast(tf, x, TFloat32.class)), x.type());
        }

        private static Operand<TFloat32> wideGelu(Ops tf, Operand<TFloat32> x) {
            return tf.math.mul(tf.math.mul(x, tf.constant(0.5f)), erfPlusOne(tf, x));
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
