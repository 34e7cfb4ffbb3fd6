package org.capi.graph;

import org.capi.graph.VariableFile.Variable;
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

    /** What a parameter is for; learning-rate and weight-decay multipliers go by it. */
    public enum Role {
        /** A matrix of a linear map, or a weight of a head. */
        WEIGHT,
        /** A bias of a linear map. */
        BIAS,
        /** The gain of a norm. */
        NORM,
        /** A learned token: registers and the mask token. */
        TOKEN,
        /** The projection of patches to tokens. */
        PATCH_EMBED,
        /** The bias of that projection. */
        PATCH_EMBED_BIAS,
        /** The frequencies of a rotary embedding; never changed by training. */
        ROPE
    }
}
