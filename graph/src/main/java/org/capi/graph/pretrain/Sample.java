package org.capi.graph.pretrain;

import java.util.List;
import org.capi.graph.Tensors;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TType;

/**
 * What the student sees and what it should say.
 *
 * @param images normalised {@code [batch, height, width, 3]}
 * @param visible positions in the grid of these images {@code [batch · visible]}
 * @param predicted likewise {@code [batch · predicted]}
 * @param targets at the predicted positions {@code [batch · predicted, width]}
 * @param patches positions of one image
 */
record Sample(
        Operand<TFloat32> images,
        Operand<TInt64> visible,
        Operand<TInt64> predicted,
        Operand<TFloat32> targets,
        long patches) {

    /** Part {@code i} of {@code parts} equal parts. */
    Sample part(Ops tf, int i, int parts) {
        long before = images.shape().get(0) / parts * i * patches;
        return new Sample(
                part(tf, images, i, parts),
                tf.math.sub(part(tf, visible, i, parts), tf.constant(before)),
                tf.math.sub(part(tf, predicted, i, parts), tf.constant(before)),
                part(tf, targets, i, parts),
                patches);
    }

    /** The same, but only once every one of {@code done} is there; nothing may be named. */
    Sample after(Ops tf, List<? extends Operand<?>> done) {
        return done.isEmpty()
                ? this
                : new Sample(Tensors.after(tf, images, done), visible, predicted, targets, patches);
    }

    /** Part {@code i} of {@code parts} equal parts along the first axis. */
    static <T extends TType> Operand<T> part(Ops tf, Operand<T> x, int i, int parts) {
        long size = x.shape().get(0) / parts;
        return tf.stridedSlice(x, Indices.slice(i * size, (i + 1) * size));
    }
}
