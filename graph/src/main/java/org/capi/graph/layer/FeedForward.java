package org.capi.graph.layer;

import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.layer.Norm.RmsNorm;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** What a block does to each token by itself. */
public sealed interface FeedForward<T extends TFloating> {

    /** {@code [..., dim] -> [..., dim]}. */
    Operand<T> apply(Ops tf, Operand<T> x);

    /** {@link #apply} of {@code x} after a norm; an implementation may compute both in one. */
    default Operand<T> ofNormed(Ops tf, Norm norm, Operand<T> x) {
        return apply(tf, norm.apply(tf, x));
    }

    /**
     * Two linear maps with an exact GELU between them.
     *
     * @param normsHidden whether {@link #ofNormed} applies the scale of an RMS norm after the first product instead of
     *     before, so that XLA computes it with the GELU
     * @param recomputesGelu whether the gradient computes the output of the GELU again instead of keeping it
     */
    public record Mlp<T extends TFloating>(Linear<T> up, Linear<T> down, boolean normsHidden, boolean recomputesGelu)
            implements FeedForward<T> {

        private static final int EXPANSION = 4;

        /** Declares {@code fc1} and {@code fc2}; the hidden width is four times the width. */
        public static <T extends TFloating> Mlp<T> create(Parameters<T> params, int dim) {
            var plan = params.plan();
            // Only in bfloat16, since float32 rounds as the reference does, and only without gradients: that of the
            // norm's gain would be another pass over the gradient of the weights.
            boolean normsHidden =
                    plan.compiled() && !plan.trained() && !params.type().equals(TFloat32.class);
            return new Mlp<>(
                    Linear.create(params.in("fc1"), dim, EXPANSION * dim),
                    Linear.create(params.in("fc2"), EXPANSION * dim, dim),
                    normsHidden,
                    plan.recomputesGelu());
        }

        /** An MLP that computes norms before it, and recomputes nothing. */
        public Mlp(Linear<T> up, Linear<T> down) {
            this(up, down, false, false);
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
            // The whole GELU, not twice of it with halved weights: cuBLAS adds a residual only where the weights are
            // used as they are.
            return Tensors.unrows(tf, down.ofRows(tf, Tensors.cast(tf, wideGelu(tf, wide), x.type())), x);
        }

        @Override
        public Operand<T> apply(Ops tf, Operand<T> x) {
            var rows = Tensors.rows(tf, x);
            if (recomputesGelu && down.bias() == null) {
                return Tensors.unrows(tf, RecomputedGelu.apply(tf, up.ofRows(tf, rows), down), x);
            }
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
     * A GELU and the linear map after it, whose gradient computes the GELU's output again from its input {@code z}:
     * {@code dW = dyᵀ·gelu(z)}. The op is {@code IdentityN}, which has no gradient of TensorFlow's own.
     */
    final class RecomputedGelu {

        private static final String OP = "IdentityN";
        private static final int INPUTS = 4;

        static {
            Tensors.registerGradient(OP, RecomputedGelu::gradient);
        }

        private RecomputedGelu() {}

        /** {@code [rows, hidden] -> [rows, dim]} for a map without bias. */
        @SuppressWarnings("unchecked")
        static <T extends TFloating> Operand<T> apply(Ops tf, Operand<T> z, Linear<T> down) {
            var twice = Mlp.twiceGelu(tf, z);
            var half = new Linear<>(tf.stopGradient(down.weight()), null).half(tf);
            var y = half.ofRows(tf, tf.stopGradient(twice));
            List<Operand<?>> inputs = List.of(y, twice, tf.stopGradient(z), down.weight());
            return (Operand<T>) tf.identityN(inputs).output().get(0);
        }

        /** The graph is locked here: an operand's shape cannot be read. */
        @SuppressWarnings("unchecked")
        private static List<Operand<?>> gradient(Ops tf, GraphOperation op, List<Output<?>> upstream) {
            if (op.numInputs() != INPUTS) {
                throw new IllegalStateException("an " + OP + " without a gradient: " + op.name());
            }
            Operand<TFloating> dy = (Output<TFloating>) upstream.get(0);
            Operand<TFloating> z = op.output(2);
            Linear<TFloating> down = new Linear<>(op.output(3), null);
            Operand<TFloating> dTwice = tf.linalg.matMul(dy, down.half(tf).weight());
            var again = Mlp.gelu(tf, Tensors.after(tf, z, List.of(dTwice)));
            var dWeight = tf.linalg.matMul(dy, again, MatMul.transposeA(true));
            return List.of(dy, dTwice, z, dWeight); // nothing takes the first and the third
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
