package org.capi.eval.probe;

import org.capi.graph.Initializer;
import org.capi.graph.Parameter.Role;
import org.capi.graph.Parameters;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TFloat32;

/** Classifiers of one kind over the same features, one for each point of the grid, computed together. */
sealed interface Heads {

    /** The first values of every weight of a probe. */
    Initializer NORMAL = Initializer.normal(0.02);

    /** Features to {@code [heads, batch, classes]}. */
    Operand<TFloat32> logits(Ops tf, Operand<TFloat32> features);

    /**
     * Affine maps of one vector for an image.
     *
     * @param weight {@code [heads, classes, dim]}
     * @param bias {@code [heads, classes]}
     */
    record LinearHeads(Operand<TFloat32> weight, Operand<TFloat32> bias) implements Heads {

        static LinearHeads create(Parameters<TFloat32> params, int heads, int classes, int dim) {
            return new LinearHeads(
                    params.declare("weight", Role.WEIGHT, Shape.of(heads, classes, dim), NORMAL),
                    params.declare("bias", Role.BIAS, Shape.of(heads, classes), Initializer.ZEROS));
        }

        /** {@code [batch, dim] -> [heads, batch, classes]}. */
        @Override
        public Operand<TFloat32> logits(Ops tf, Operand<TFloat32> features) {
            int heads = Math.toIntExact(weight.shape().get(0));
            int classes = Math.toIntExact(weight.shape().get(1));
            int dim = Math.toIntExact(weight.shape().get(2));
            var flat = tf.reshape(weight, tf.constant(new int[] {heads * classes, dim}));
            var products = tf.linalg.matMul(features, flat, MatMul.transposeB(true)); // [batch, heads * classes]
            var biased = tf.math.add(products, tf.reshape(bias, tf.constant(new int[] {heads * classes})));
            var split = tf.reshape(biased, tf.constant(new int[] {-1, heads, classes}));
            return tf.linalg.transpose(split, tf.constant(new int[] {1, 0, 2}));
        }
    }

    /**
     * Attention of one learned query to all vectors of an image, in groups of 64 channels, and an affine map of the
     * result: {@code out = linear(softmax(q·kᵀ / 8)·v)} with {@code k = Wₖx + bₖ} and {@code v = Wᵥx + bᵥ}.
     *
     * <p>There is one query for each head, so neither k nor v is ever computed for a vector: {@code q·k = (Wₖᵀq)·x +
     * q·bₖ}, and as the weights add up to 1, {@code Σ aᵢvᵢ = Wᵥ(Σ aᵢxᵢ) + bᵥ}.
     *
     * @param query {@code [heads, dim]}
     * @param key {@code [heads, dim, dim]}
     * @param value {@code [heads, dim, dim]}
     */
    record AttentiveHeads(
            Operand<TFloat32> query,
            Operand<TFloat32> key,
            Operand<TFloat32> keyBias,
            Operand<TFloat32> value,
            Operand<TFloat32> valueBias,
            Operand<TFloat32> weight,
            Operand<TFloat32> bias)
            implements Heads {

        private static final int GROUP = 64;

        static AttentiveHeads create(Parameters<TFloat32> params, int heads, int classes, int dim) {
            if (dim % GROUP != 0) {
                throw new IllegalArgumentException("an attentive probe needs features whose length is a multiple of "
                        + GROUP + ", these have " + dim + "; leave out the representations patches and registers");
            }
            var square = Shape.of(heads, dim, dim);
            return new AttentiveHeads(
                    params.declare("query_token", Role.TOKEN, Shape.of(heads, dim), NORMAL),
                    params.declare("key.weight", Role.WEIGHT, square, NORMAL),
                    params.declare("key.bias", Role.BIAS, Shape.of(heads, dim), Initializer.ZEROS),
                    params.declare("value.weight", Role.WEIGHT, square, NORMAL),
                    params.declare("value.bias", Role.BIAS, Shape.of(heads, dim), Initializer.ZEROS),
                    params.declare("linear.weight", Role.WEIGHT, Shape.of(heads, classes, dim), NORMAL),
                    params.declare("linear.bias", Role.BIAS, Shape.of(heads, classes), Initializer.ZEROS));
        }

        /** {@code [batch, vectors, dim] -> [heads, batch, classes]}. */
        @Override
        public Operand<TFloat32> logits(Ops tf, Operand<TFloat32> features) {
            int heads = Math.toIntExact(query.shape().get(0));
            int dim = Math.toIntExact(query.shape().get(1));
            int all = heads * dim / GROUP;
            var attention = tf.nn.softmax(scores(tf, features, all, dim)); // [batch, all, vectors]
            var gathered = tf.train.batchMatMul(attention, features, TFloat32.class); // [batch, all, dim]
            var byGroup = tf.linalg.transpose(gathered, tf.constant(new int[] {1, 0, 2})); // [all, batch, dim]
            var values = tf.reshape(value, tf.constant(new int[] {all, GROUP, dim}));
            var mixed =
                    tf.train.batchMatMul(byGroup, values, TFloat32.class, BatchMatMul.adjY(true)); // [all, batch, 64]
            var biased = tf.math.add(mixed, tf.reshape(valueBias, tf.constant(new int[] {all, 1, GROUP})));
            var split = tf.reshape(biased, tf.constant(new int[] {heads, dim / GROUP, -1, GROUP}));
            var merged = tf.linalg.transpose(split, tf.constant(new int[] {0, 2, 1, 3})); // [heads, batch, groups, 64]
            var rows = tf.reshape(merged, tf.constant(new int[] {heads, -1, dim}));
            var products = tf.train.batchMatMul(rows, weight, TFloat32.class, BatchMatMul.adjY(true));
            return tf.math.add(products, tf.expandDims(bias, tf.constant(1))); // [heads, batch, classes]
        }

        /** {@code [batch, all, vectors]}. */
        private Operand<TFloat32> scores(Ops tf, Operand<TFloat32> features, int all, int dim) {
            var scaled = tf.math.mul(query, tf.constant((float) (1 / Math.sqrt(GROUP))));
            var queries = tf.reshape(scaled, tf.constant(new int[] {all, 1, GROUP}));
            var keys = tf.reshape(key, tf.constant(new int[] {all, GROUP, dim}));
            var projected = tf.train.batchMatMul(queries, keys, TFloat32.class); // [all, 1, dim]
            var flat = tf.reshape(features, tf.constant(new int[] {-1, dim}));
            var rows = tf.reshape(projected, tf.constant(new int[] {all, dim}));
            var products = tf.linalg.matMul(flat, rows, MatMul.transposeB(true)); // [batch * vectors, all]
            var offsets = tf.reduceSum(
                    tf.math.mul(queries, tf.reshape(keyBias, tf.constant(new int[] {all, 1, GROUP}))),
                    tf.constant(new int[] {1, 2}));
            int vectors = Math.toIntExact(features.shape().get(1));
            var split = tf.reshape(tf.math.add(products, offsets), tf.constant(new int[] {-1, vectors, all}));
            return tf.linalg.transpose(split, tf.constant(new int[] {0, 2, 1}));
        }
    }
}
