package org.capi.graph;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/**
 * A float32 resource variable under the name that it has in files.
 *
 * @param name its name in checkpoints
 * @param shape its shape
 * @param handle the resource
 * @param initial the first value
 */
public record Variable(String name, Shape shape, Operand<? extends TType> handle, Operand<TFloat32> initial) {

    /** A variable of zeros, such as a moment of an optimizer. */
    public static Variable zeros(Ops tf, String name, Shape shape) {
        var handle = tf.withName(name).varHandleOp(TFloat32.class, shape, VarHandleOp.sharedName(name));
        return new Variable(name, shape, handle, Initializer.ZEROS.values(tf, shape, tf.constant(new long[2])));
    }
}
