package org.capi.graph.optim;

import org.capi.graph.Parameter;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/** The exponential moving average of a student's parameters, {@code e ← m·e + (1 - m)·s}. */
public record Ema(Operand<TFloat64> momentum) {

    /**
     * Moves an average towards the student's new value.
     *
     * @param condition whether anything changes, see {@link AdamW#update}
     */
    public Op update(Ops tf, Parameter average, Operand<TFloat32> latest, @Nullable Operand<TBool> condition) {
        var keep = tf.dtypes.cast(momentum, TFloat32.class);
        var take = tf.dtypes.cast(tf.math.sub(tf.constant(1.0), momentum), TFloat32.class);
        var updated = tf.math.add(tf.math.mul(keep, average.value()), tf.math.mul(take, latest));
        return tf.assignVariableOp(
                average.handle(), condition == null ? updated : tf.select(condition, updated, average.value()));
    }
}
