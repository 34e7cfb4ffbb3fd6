package org.capi.eval.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.capi.graph.Parameter;
import org.capi.graph.Parameter.Role;
import org.capi.graph.VariableFile.Variable;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * AdamW (Loshchilov and Hutter 2019) for parameters whose first axis is the head, each head with a learning rate and a
 * weight decay of its own: {@code p ← p·(1 - lr·decay) - lr / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)}. Biases do not decay.
 *
 * @param factor on every learning rate of this step, a scalar
 * @param correction1 {@code 1 / (1 - β₁ᵗ)}, a scalar
 * @param correction2 {@code 1 / √(1 - β₂ᵗ)}, a scalar
 */
record HeadAdamW(
        List<ProbeGrid.Point> heads,
        Operand<TFloat32> factor,
        Operand<TFloat32> correction1,
        Operand<TFloat32> correction2) {

    static final double BETA1 = 0.9;
    static final double BETA2 = 0.95;

    private static final float EPSILON = 1e-8f;

    /** The ops of an update, and two variables for each parameter. */
    record Update(List<Variable> moments, List<Op> updates) {}

    /** Builds the update. */
    Update update(Ops tf, List<Parameter> parameters, List<Operand<TFloat32>> gradients) {
        List<Variable> moments = new ArrayList<>();
        List<Op> updates = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            var gradient = gradients.get(i);
            var first = moment(tf, moments, "adam.m.", parameter);
            var second = moment(tf, moments, "adam.v.", parameter);
            var m = mixed(tf, first, BETA1, gradient);
            var v = mixed(tf, second, BETA2, tf.math.square(gradient));
            var rate = tf.math.mul(perHead(tf, parameter, false), factor);
            var denominator = tf.math.add(tf.math.mul(tf.math.sqrt(v), correction2), tf.constant(EPSILON));
            var step = tf.math.mul(tf.math.mul(rate, correction1), tf.math.div(m, denominator));
            Operand<TFloat32> kept = parameter.value();
            if (parameter.role() != Role.BIAS) {
                var share = tf.math.mul(rate, perHead(tf, parameter, true));
                kept = tf.math.sub(kept, tf.math.mul(kept, share));
            }
            updates.add(tf.assignVariableOp(first.handle(), m));
            updates.add(tf.assignVariableOp(second.handle(), v));
            updates.add(tf.assignVariableOp(parameter.handle(), tf.math.sub(kept, step)));
        }
        return new Update(List.copyOf(moments), List.copyOf(updates));
    }

    private static Variable moment(Ops tf, List<Variable> moments, String prefix, Parameter parameter) {
        var variable = Variable.zeros(tf, prefix + parameter.name(), parameter.shape());
        moments.add(variable);
        return variable;
    }

    private static Operand<TFloat32> mixed(Ops tf, Variable variable, double beta, Operand<TFloat32> value) {
        var old = tf.readVariableOp(variable.handle(), TFloat32.class);
        return tf.math.add(
                tf.math.mul(old, tf.constant((float) beta)), tf.math.mul(value, tf.constant((float) (1 - beta))));
    }

    /** The learning rates or weight decays, {@code [heads, 1, ...]}. */
    private Operand<TFloat32> perHead(Ops tf, Parameter parameter, boolean decay) {
        float[] values = new float[heads.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    (float) (decay ? heads.get(i).weightDecay() : heads.get(i).learningRate());
        }
        int[] shape = new int[parameter.shape().numDimensions()];
        Arrays.fill(shape, 1);
        shape[0] = values.length;
        return tf.reshape(tf.constant(values), tf.constant(shape));
    }
}
