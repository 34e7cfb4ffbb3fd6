package org.capi.graph;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TNumber;

/** Conversions between the compute type and float32. */
public final class Cast {

    private Cast() {}

    /**
     * The same numbers in another type. What has that type already is returned as it is: a conversion that changes nothing
     * would keep TensorFlow from making one op of those before and after it.
     */
    @SuppressWarnings("unchecked")
    public static <T extends TNumber> Operand<T> to(Ops tf, Operand<? extends TNumber> x, Class<T> type) {
        return x.type().equals(type) ? (Operand<T>) x : tf.dtypes.cast(x, type);
    }
}
