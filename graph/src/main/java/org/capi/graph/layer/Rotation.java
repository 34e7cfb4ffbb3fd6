package org.capi.graph.layer;

import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** The position-dependent map of queries and keys. */
public sealed interface Rotation permits Rope, Rotation.NoRotation {

    /**
     * Turns queries or keys {@code [batch, heads, tokens, headDim]} to float32 of the same shape.
     *
     * @param coordinates (row, column) of the tokens {@code [batch, tokens, 2]}
     */
    default <T extends TFloating> Operand<TFloat32> apply(Ops tf, Operand<T> x, Operand<TFloat32> coordinates) {
        return apply(tf, x, coordinates, 1);
    }

    /** The same for queries or keys whose axis of heads is another, {@code [batch, tokens, heads, headDim]} if 2. */
    <T extends TFloating> Operand<TFloat32> apply(Ops tf, Operand<T> x, Operand<TFloat32> coordinates, int headsAxis);

    /** Makes the rotation of a layer's heads. */
    @FunctionalInterface
    interface Factory {
        /** Declares what it needs. */
        Rotation create(Parameters<?> params, int headDim);
    }

    /** The identity, for tokens whose values contain their positions. */
    public record NoRotation() implements Rotation {

        @Override
        public <T extends TFloating> Operand<TFloat32> apply(
                Ops tf, Operand<T> x, Operand<TFloat32> coordinates, int headsAxis) {
            return Tensors.cast(tf, x, TFloat32.class);
        }
    }
}
