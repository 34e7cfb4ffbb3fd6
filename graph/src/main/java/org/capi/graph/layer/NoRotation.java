package org.capi.graph.layer;

import org.capi.graph.Cast;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** Queries and keys stay as they are: where tokens are is part of their values. */
public record NoRotation() implements Rotation {

    @Override
    public <T extends TFloating> Operand<TFloat32> apply(Ops tf, Operand<T> x, Operand<TFloat32> coordinates) {
        return Cast.to(tf, x, TFloat32.class);
    }
}
