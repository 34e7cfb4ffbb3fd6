package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.capi.graph.Parameter;
import org.capi.graph.Tensors;
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
 * The update of all parameters: the student by its AdamW, then its moving average, and the clustering head by its own
 * AdamW.
 *
 * @param updates one op for each parameter that is changed
 * @param moments of the two optimizers
 * @param ratio how far the student moves, over its length: {@code ‖after - before‖ / ‖before‖} of all that is trained,
 *     a scalar; 0 where nothing is changed
 */
record ParameterUpdate(List<Op> updates, List<Variable> moments, Operand<TFloat64> ratio) {

    /**
     * Builds the update.
     *
     * @param gradients of the student's trainable parameters
     * @param headGradients of the clustering head
     * @param finite whether anything is changed at all
     */
    static ParameterUpdate create(
            Ops tf,
            StepConfig config,
            StepInputs inputs,
            StepParameters parameters,
            List<Operand<TFloat32>> gradients,
            List<Operand<TFloat32>> headGradients,
            Operand<TBool> finite) {
        // Uncompiled, every update needs one of the rates, and these exist only where the step is finite: a switch on
        // five numbers. XLA knows no such switch.
        boolean compiled = config.plan().compiled();
        var trainable = parameters.trainable();
        var before = Tensors.norm(tf, trainable.stream().map(Parameter::value).toList(), compiled);
        // The update waits for the length of the weights, so that XLA sums their squares where it casts them. Summed
        // in the pass that writes them, they would make it copy each.
        @Nullable Operand<TBool> condition = compiled ? tf.math.logicalAnd(finite, tf.math.isFinite(before)) : null;
        Operand<TFloat64> rates = compiled
                ? inputs.rates()
                : tf.switchCond(inputs.rates(), finite).outputTrue();
        var count = tf.math.add(tf.dtypes.cast(inputs.step(), TFloat64.class), tf.constant(1.0));
        var student = config.studentOptimizer()
                .update(
                        tf,
                        trainable,
                        gradients,
                        new AdamW.Rates(at(tf, rates, 0), at(tf, rates, 2), count),
                        condition);
        var head = config.clusteringOptimizer()
                .update(
                        tf,
                        parameters.clusteringHead(),
                        headGradients,
                        new AdamW.Rates(at(tf, rates, 1), at(tf, rates, 3), count),
                        condition);
        List<Op> updates = new ArrayList<>(head.updates());
        updates.addAll(student.updates());
        var ema = new Ema(at(tf, rates, 4));
        for (int i = 0; i < trainable.size(); i++) {
            updates.add(
                    ema.update(tf, parameters.averages().get(i), student.after().get(i), condition));
        }
        return new ParameterUpdate(
                updates,
                Stream.concat(student.moments().stream(), head.moments().stream())
                        .toList(),
                ratio(tf, tf.math.div(student.change(), before), finite, compiled));
    }

    private static Operand<TFloat64> ratio(Ops tf, Operand<TFloat64> ratio, Operand<TBool> finite, boolean compiled) {
        if (compiled) {
            return tf.select(finite, ratio, tf.constant(0.0));
        }
        // Where the step is not finite, no update runs and the ratio is never computed.
        var still = tf.switchCond(tf.constant(0.0), finite).outputFalse();
        return tf.merge(List.of(ratio, still)).output();
    }

    private static Operand<TFloat64> at(Ops tf, Operand<TFloat64> rates, int index) {
        return tf.stridedSlice(rates, Indices.at(index));
    }

    /**
     * The parameters of a pretraining.
     *
     * @param student backbone and head
     * @param teacher the student's moving average, in the same order
     * @param clusteringHead empty if there is none
     * @param frozen an encoder that nothing changes; empty if there is none
     * @param trainable those of the student that training changes
     * @param averages the moving averages of these, in their order
     */
    record StepParameters(
            List<Parameter> student,
            List<Parameter> teacher,
            List<Parameter> clusteringHead,
            List<Parameter> frozen,
            List<Parameter> trainable,
            List<Parameter> averages) {

        static StepParameters of(
                List<Parameter> student,
                List<Parameter> teacher,
                List<Parameter> clusteringHead,
                List<Parameter> frozen,
                AdamW optimizer) {
            var trainable = student.stream().filter(optimizer::trainable).toList();
            var averages =
                    trainable.stream().map(p -> teacher.get(student.indexOf(p))).toList();
            return new StepParameters(student, teacher, clusteringHead, frozen, trainable, averages);
        }

        /** All of them; the teacher's first values are the student's, everything else has its own initialiser. */
        Stream<Variable> variables() {
            Stream<Variable> copies = teacher.stream().map(average -> {
                var initial = student.get(teacher.indexOf(average)).initial();
                return new Variable(average.name(), average.shape(), average.handle(), initial);
            });
            return Stream.of(
                            student.stream().map(Parameter::variable),
                            copies,
                            clusteringHead.stream().map(Parameter::variable),
                            frozen.stream().map(Parameter::variable))
                    .flatMap(s -> s);
        }
    }
}
