package org.capi.graph.clustering;

import org.capi.graph.Initializer;
import org.capi.graph.Parameter.Role;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.layer.FeedForward.Mlp;
import org.capi.graph.layer.Linear;
import org.capi.graph.layer.Norm.UnitLength;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** A head that scores features by prototypes: the student's, and its moving average. */
public sealed interface PredictionHead<T extends TFloating> {

    /** Logits: {@code [rows, dim] -> [rows, prototypes]}. */
    Operand<T> apply(Ops tf, Operand<T> x);

    /**
     * A linear head: unit-length features times weight-normed prototypes, {@code W = v·g / (‖v‖ + 1e-8)} row by row
     * (Salimans and Kingma 2016).
     *
     * @param gain {@code [prototypes, 1]}
     * @param direction {@code [prototypes, dim]}
     */
    public record WeightNormedHead<T extends TFloating>(Operand<TFloat32> gain, Operand<TFloat32> direction)
            implements PredictionHead<T> {

        private static final UnitLength UNIT_LENGTH = new UnitLength(1e-12);
        private static final float EPSILON = 1e-8f;
        private static final double DEVIATION = 0.02;

        /** Declares {@code last_layer.weight_g}, of ones, and {@code last_layer.weight_v}. */
        public static <T extends TFloating> WeightNormedHead<T> create(Parameters<T> params, int dim, int prototypes) {
            var layer = params.in("last_layer");
            return new WeightNormedHead<>(
                    layer.declareFloat32("weight_g", Role.WEIGHT, Shape.of(prototypes, 1), Initializer.ONES),
                    layer.declareFloat32(
                            "weight_v", Role.WEIGHT, Shape.of(prototypes, dim), Initializer.normal(DEVIATION)));
        }

        @Override
        public Operand<T> apply(Ops tf, Operand<T> x) {
            var squares = tf.reduceSum(tf.math.square(direction), tf.constant(1), ReduceSum.keepDims(true));
            var scale = tf.math.div(gain, tf.math.add(tf.math.sqrt(squares), tf.constant(EPSILON)));
            var weight = Tensors.cast(tf, tf.math.mul(direction, scale), x.type());
            return tf.linalg.matMul(UNIT_LENGTH.apply(tf, x), weight, MatMul.transposeB(true));
        }
    }

    /**
     * A head of the kind of DINO's (Caron et al. 2021): two hidden layers of twice the width with GELU, a third to a
     * quarter of it, then a linear head. At ViT-L's width of 1024 these are DINO's own 2048, 2048 and 256; there are no
     * biases, as nowhere in the model.
     */
    public record MlpHead<T extends TFloating>(
            Linear<T> first, Linear<T> second, Linear<T> third, WeightNormedHead<T> last) implements PredictionHead<T> {

        private static final int HIDDEN = 2;
        private static final int NARROWED = 4;

        /** Declares {@code fc1}, {@code fc2}, {@code fc3} and {@code last_layer}. */
        public static <T extends TFloating> MlpHead<T> create(Parameters<T> params, int dim, int prototypes) {
            int hidden = HIDDEN * dim;
            int narrow = dim / NARROWED;
            return new MlpHead<>(
                    Linear.create(params.in("fc1"), dim, hidden),
                    Linear.create(params.in("fc2"), hidden, hidden),
                    Linear.create(params.in("fc3"), hidden, narrow),
                    WeightNormedHead.create(params, narrow, prototypes));
        }

        @Override
        public Operand<T> apply(Ops tf, Operand<T> x) {
            var hidden = Mlp.gelu(tf, second.apply(tf, Mlp.gelu(tf, first.apply(tf, x))));
            return last.apply(tf, third.apply(tf, hidden));
        }
    }
}
