package org.capi.graph.layer;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Initializer;
import org.capi.graph.Parameter.Role;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.family.TFloating;

/**
 * An affine map of the last axis, {@code y = x·weightᵀ + bias}.
 *
 * @param weight {@code [out, in]}, as in the published checkpoints
 * @param bias {@code [out]}, or null for a linear map
 */
public record Linear<T extends TFloating>(
        Operand<T> weight, @Nullable Operand<T> bias) {

    /** XLA pads rows and inputs of a GPU's matrix product to a multiple of this, and copies what lies within. */
    static final int GPU_MULTIPLE = 8;

    /** Declares a linear map {@code weight}, Xavier-uniform. */
    public static <T extends TFloating> Linear<T> create(Parameters<T> params, int in, int out) {
        return new Linear<>(params.declare("weight", Role.WEIGHT, Shape.of(out, in), Initializer.XAVIER_UNIFORM), null);
    }

    /** Maps of the same input as one, their outputs one after the other; all have a bias or none. */
    static <T extends TFloating> Linear<T> joined(Ops tf, List<Linear<T>> maps) {
        if (maps.size() == 1) {
            return maps.get(0);
        }
        List<Operand<T>> weights = new ArrayList<>();
        List<Operand<T>> biases = new ArrayList<>();
        for (Linear<T> map : maps) {
            weights.add(map.weight);
            if (map.bias != null) {
                biases.add(map.bias);
            }
        }
        return new Linear<>(
                tf.concat(weights, tf.constant(0)), biases.isEmpty() ? null : tf.concat(biases, tf.constant(0)));
    }

    /** Declares an affine map {@code weight}, Xavier-uniform, and {@code bias}, zeros. */
    public static <T extends TFloating> Linear<T> createWithBias(Parameters<T> params, int in, int out) {
        return new Linear<>(
                create(params, in, out).weight, params.declare("bias", Role.BIAS, Shape.of(out), Initializer.ZEROS));
    }

    /** {@code [..., in] -> [..., out]}. */
    public Operand<T> apply(Ops tf, Operand<T> x) {
        return Tensors.unrows(tf, ofRows(tf, Tensors.rows(tf, x)), x);
    }

    /** {@code [rows, in] -> [rows, out]}. */
    Operand<T> ofRows(Ops tf, Operand<T> x) {
        Operand<T> y = tf.linalg.matMul(x, weight, MatMul.transposeB(true));
        return bias == null ? y : tf.nn.biasAdd(y, bias);
    }

    /**
     * {@code [rows, in] -> [rows, out]} with the bias as the weight of one more input, which is 1. On a GPU its gradient
     * is then part of the weights' product, and not a pass of its own over the gradient of the outputs.
     *
     * @param x {@code [rows, in]}, rows of known number
     */
    public Operand<T> withBiasInProduct(Ops tf, Operand<T> x) {
        if (bias == null) {
            return ofRows(tf, x);
        }
        float[] firstOfMore = new float[GPU_MULTIPLE];
        firstOfMore[0] = 1;
        Operand<T> more = Tensors.cast(tf, tf.constant(firstOfMore), x.type());
        var ones = tf.broadcastTo(more, tf.constant(new long[] {x.shape().get(0), GPU_MULTIPLE}));
        var zeros = tf.zeros(tf.constant(new long[] {weight.shape().get(0), GPU_MULTIPLE - 1}), weight.type());
        var column = tf.expandDims(bias, tf.constant(1));
        return tf.linalg.matMul(
                tf.concat(List.of(x, ones), tf.constant(1)),
                tf.concat(List.of(weight, column, zeros), tf.constant(1)),
                MatMul.transposeB(true));
    }

    /**
     * {@code [..., in] -> [..., out]} for XLA. cuBLAS needs row counts that are multiples of {@link #GPU_MULTIPLE}, so
     * XLA pads others with copies. A product with scaled weights can run as a Triton kernel, which needs no padding;
     * scaling by 0.5 and 2 is exact.
     */
    Operand<T> applyUnpadded(Ops tf, Operand<T> x) {
        var rows = Tensors.rows(tf, x);
        if (bias != null || rows.shape().get(0) % GPU_MULTIPLE == 0) {
            return apply(tf, x);
        }
        return Tensors.unrows(
                tf, tf.math.mul(half(tf).ofRows(tf, rows), Tensors.cast(tf, tf.constant(2f), x.type())), x);
    }

    /** The map whose outputs are those of this one where the inputs are twice as large. */
    Linear<T> half(Ops tf) {
        return new Linear<>(tf.math.mul(weight, Tensors.cast(tf, tf.constant(0.5f), weight.type())), bias);
    }

    /** The same map with a bias in any case, if need be of zeros that no optimizer folds. */
    Linear<T> withBias(Ops tf) {
        if (bias != null) {
            return this;
        }
        var column = tf.math.abs(tf.stridedSlice(weight, Indices.all(), Indices.at(0))); // [out]
        return new Linear<>(
                weight, tf.stopGradient(tf.math.minimum(column, Tensors.cast(tf, tf.constant(0f), weight.type()))));
    }
}
