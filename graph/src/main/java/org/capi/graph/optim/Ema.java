package org.capi.graph.optim;

import org.capi.graph.Parameter;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/** The exponential moving average of a student's parameters, {@code e ← m·e + (1 - m)·s}. */
public record Ema(Operand<TFloat64> momentum) {

    /** Moves an average towards the value that the student has once {@code updated} has run. */
    public Op update(Ops tf, Parameter average, Parameter student, Op updated) {
        var keep = tf.dtypes.cast(momentum, TFloat32.class);
        var take = tf.dtypes.cast(tf.math.sub(tf.constant(1.0), momentum), TFloat32.class);
        var latest = tf.withControlDependencies(updated).readVariableOp(student.handle(), TFloat32.class);
        var moved = tf.math.add(tf.math.mul(keep, average.value()), tf.math.mul(take, latest));
        return tf.assignVariableOp(average.handle(), moved);
    }
}
