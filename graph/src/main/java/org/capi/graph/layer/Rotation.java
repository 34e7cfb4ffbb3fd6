package org.capi.graph.layer;

import org.capi.graph.Parameters;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** What attention does to queries and keys so that their products depend on where the tokens are. */
public sealed interface Rotation permits Rope, NoRotation {

    /**
     * Turns queries or keys {@code [batch, heads, tokens, headDim]} to float32 of the same shape.
     *
     * @param coordinates (row, column) of the tokens {@code [batch, tokens, 2]}
     */
    <T extends TFloating> Operand<TFloat32> apply(Ops tf, Operand<T> x, Operand<TFloat32> coordinates);

    /** Makes the rotation of a layer's heads. */
    @FunctionalInterface
    interface Factory {
        /** Declares what it needs. */
        Rotation create(Parameters<?> params, int headDim);
    }
}
