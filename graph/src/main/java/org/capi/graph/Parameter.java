package org.capi.graph;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/**
 * One trained variable of a model.
 *
 * @param name the full checkpoint name, such as {@code student.backbone.encoder.blocks.0.residual1.norm.weight}
 * @param role what it is for
 * @param shape its shape, as in the published checkpoints
 * @param handle the resource that holds the float32 master
 * @param value the master as read once for this step
 * @param initial the first value
 */
public record Parameter(
        String name,
        Role role,
        Shape shape,
        Operand<? extends TType> handle,
        Operand<TFloat32> value,
        Operand<TFloat32> initial) {

    /** The same thing without its use, for files. */
    public Variable variable() {
        return new Variable(name, shape, handle, initial);
    }
}
