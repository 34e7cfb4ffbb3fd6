package org.capi.eval.probe;

import org.capi.graph.Initializer;
import org.capi.graph.Parameter.Role;
import org.capi.graph.Parameters;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;

/**
 * Affine maps of one vector for an image.
 *
 * @param weight {@code [heads, classes, dim]}
 * @param bias {@code [heads, classes]}
 */
record LinearHeads(Operand<TFloat32> weight, Operand<TFloat32> bias) implements Heads {

    /** The deviation of the first values of every weight of a probe. */
    static final Initializer NORMAL = Initializer.normal(0.02);

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
