package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.capi.graph.Parameter;
import org.capi.graph.VariableFile.Variable;
import org.capi.graph.optim.AdamW;
import org.capi.graph.optim.Ema;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * What a step changes: the student by its AdamW, then the moving average, and the clustering head by its own AdamW.
 *
 * @param updates one op for each parameter that is changed
 * @param variables all parameters and moments
 * @param ratio how far the student moves, over its length: {@code ‖after - before‖ / ‖before‖} of all that moves, a scalar;
 *     0 where nothing is changed
 */
record StepUpdate(List<Op> updates, List<Variable> variables, Operand<TFloat64> ratio) {

    /**
     * Builds the changes.
     *
     * @param gradients of the student's parameters that move
     * @param headGradients of the prototypes
     * @param finite whether anything is changed at all
     */
    static StepUpdate create(
            Ops tf,
            StepConfig config,
            Inputs inputs,
            Weights weights,
            List<Operand<TFloat32>> gradients,
            List<Operand<TFloat32>> headGradients,
            Operand<TBool> finite) {
        // Uncompiled, every update needs one of the rates, and these exist only where the step is finite: a switch on
        // five numbers. XLA knows no such switch.
        boolean compiled = config.compiled();
        @Nullable Operand<TBool> condition = compiled ? finite : null;
        Operand<TFloat64> rates = compiled
                ? inputs.rates()
                : tf.switchCond(inputs.rates(), finite).outputTrue();
        var count = tf.math.add(tf.dtypes.cast(inputs.step(), TFloat64.class), tf.constant(1.0));
        var student = config.student()
                .update(
                        tf,
                        weights.moving(),
                        gradients,
                        new AdamW.Rates(at(tf, rates, 0), at(tf, rates, 2), count),
                        condition);
        var head = config.prototypes()
                .update(
                        tf,
                        weights.prototypes(),
                        headGradients,
                        new AdamW.Rates(at(tf, rates, 1), at(tf, rates, 3), count),
                        condition);
        List<Op> updates = new ArrayList<>(head.updates());
        updates.addAll(student.updates());
        var ema = new Ema(at(tf, rates, 4));
        for (int i = 0; i < weights.moving().size(); i++) {
            updates.add(
                    ema.update(tf, weights.averages().get(i), student.after().get(i), condition));
        }
        var moments = Stream.concat(student.moments().stream(), head.moments().stream());
        return new StepUpdate(
                updates,
                Stream.concat(weights.variables(), moments).toList(),
                ratio(tf, weights.moving(), student.after(), finite, compiled));
    }

    private static Operand<TFloat64> ratio(
            Ops tf, List<Parameter> moving, List<Operand<TFloat32>> after, Operand<TBool> finite, boolean compiled) {
        List<Operand<TFloat32>> before = new ArrayList<>();
        List<Operand<TFloat32>> moved = new ArrayList<>();
        for (int i = 0; i < moving.size(); i++) {
            before.add(moving.get(i).value());
            moved.add(tf.math.sub(after.get(i), moving.get(i).value()));
        }
        var ratio = tf.math.div(Gradient.norm(tf, moved, compiled), Gradient.norm(tf, before, compiled));
        if (compiled) {
            return tf.select(finite, ratio, tf.constant(0.0));
        }
        // Where the step is not finite, no update runs and the ratio is never computed.
        var still = tf.switchCond(tf.constant(0.0), finite).outputFalse();
        return tf.merge(List.of(ratio, still)).output();
    }

    /** One more variable that the step changes. */
    StepUpdate with(Op update, Variable variable) {
        return new StepUpdate(
                Stream.concat(updates.stream(), Stream.of(update)).toList(),
                Stream.concat(variables.stream(), Stream.of(variable)).toList(),
                ratio);
    }

    private static Operand<TFloat64> at(Ops tf, Operand<TFloat64> rates, int index) {
        return tf.stridedSlice(rates, Indices.at(index));
    }
}
