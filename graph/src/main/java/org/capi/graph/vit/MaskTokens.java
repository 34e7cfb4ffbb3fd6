package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.layer.Axes;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/**
 * The learned token that stands at every masked position.
 *
 * @param token {@code [1, dim]}
 * @param positions what is added to it
 */
record MaskTokens<T extends TFloating>(Operand<T> token, PositionEmbedding<T> positions) {

    /** Declares {@code mask_token}. */
    static <T extends TFloating> Operand<T> declare(Parameters<T> params, int dim) {
        return Encoder.token(params, "mask_token", Shape.of(1, dim));
    }

    /** One at each position: {@code [batch, positions, 2] -> [batch, positions, dim]}. */
    Operand<T> at(Ops tf, Operand<TFloat32> where) {
        return at(tf, where, Axes.size(tf, where, 0));
    }

    /** The same for a batch of {@code images} whose positions may be given once for all. */
    Operand<T> at(Ops tf, Operand<TFloat32> where, Operand<TInt32> images) {
        int dim = Math.toIntExact(token.shape().get(1));
        var sizes = List.of(images, Axes.size(tf, where, 1), tf.constant(dim));
        return positions.add(tf, tf.broadcastTo(token, tf.stack(sizes)), where);
    }

    /** Puts them behind other tokens of so many images. */
    Tokens<T> behind(Ops tf, Tokens<T> others, Operand<TInt32> images, Operand<TFloat32> where) {
        var masks = at(tf, where, images);
        return new Tokens<>(
                tf.concat(List.of(others.values(), masks), tf.constant(1)),
                tf.concat(List.of(others.where(), where), tf.constant(1)));
    }

    /** The last tokens, as many as there are positions: {@code [batch, tokens, dim] -> [batch, positions, dim]}. */
    static <T extends TFloating> Operand<T> last(Ops tf, Operand<T> x, Operand<TFloat32> where) {
        var first = tf.math.sub(Axes.size(tf, x, 1), Axes.size(tf, where, 1));
        var begin = tf.stack(List.of(tf.constant(0), first, tf.constant(0)));
        // Sizes in full: tf2onnx adds those of -1 to a beginning that is not a constant.
        int dim = Math.toIntExact(x.shape().get(2));
        return tf.slice(x, begin, tf.stack(List.of(Axes.size(tf, x, 0), Axes.size(tf, where, 1), tf.constant(dim))));
    }
}
