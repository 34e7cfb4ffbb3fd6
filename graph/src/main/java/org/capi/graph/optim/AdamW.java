package org.capi.graph.optim;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Parameter;
import org.capi.graph.Variable;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * AdamW (Loshchilov and Hutter 2019) as PyTorch computes it: {@code p ← p·(1 - lr·decay)}, then {@code p ← p - lr / (1 -
 * β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)}, where lr and decay already hold the factors of the parameter's role.
 */
public record AdamW(double beta1, double beta2, double epsilon, ParameterGroups groups) {

    /** Checks the coefficients. */
    public AdamW {
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
            throw new IllegalArgumentException("betas must be in [0, 1), were " + beta1 + " and " + beta2);
        }
        if (!(epsilon > 0)) {
            throw new IllegalArgumentException("epsilon must be above 0, was " + epsilon);
        }
    }

    /**
     * The values of one step.
     *
     * @param learningRate a scalar
     * @param weightDecay a scalar
     * @param count how many updates there will have been after this one, t, a scalar
     */
    public record Rates(Operand<TFloat64> learningRate, Operand<TFloat64> weightDecay, Operand<TFloat64> count) {}

    /**
     * The ops of an update.
     *
     * @param moments two variables for each parameter that moves
     * @param updates one op for each of these parameters, in their order
     */
    public record Update(List<Variable> moments, List<Op> updates) {}

    /** Whether training moves a parameter at all. */
    public boolean moves(Parameter parameter) {
        return groups.rate(parameter.role()) != 0;
    }

    /**
     * Builds the update of parameters that move.
     *
     * @param gradients one for each parameter, of its shape
     */
    public Update update(Ops tf, List<Parameter> parameters, List<? extends Operand<TFloat32>> gradients, Rates rates) {
        // ResourceApplyAdam adds its epsilon to the uncorrected √v.
        var power1 = tf.math.pow(tf.constant(beta1), rates.count());
        var power2 = tf.math.pow(tf.constant(beta2), rates.count());
        var correction = tf.math.sqrt(tf.math.sub(tf.constant(1.0), power2));
        var scaledEpsilon = narrow(tf, tf.math.mul(tf.constant(epsilon), correction));
        List<Variable> moments = new ArrayList<>();
        List<Op> updates = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            var first = Variable.zeros(tf, "adam.m." + parameter.name(), parameter.shape());
            var second = Variable.zeros(tf, "adam.v." + parameter.name(), parameter.shape());
            moments.add(first);
            moments.add(second);
            var rate = tf.math.mul(rates.learningRate(), tf.constant(groups.rate(parameter.role())));
            var decayed = decay(tf, parameter, rate, rates.weightDecay());
            updates.add(tf.withControlDependencies(decayed)
                    .train
                    .resourceApplyAdam(
                            parameter.handle(),
                            first.handle(),
                            second.handle(),
                            narrow(tf, power1),
                            narrow(tf, power2),
                            narrow(tf, rate),
                            tf.constant((float) beta1),
                            tf.constant((float) beta2),
                            scaledEpsilon,
                            gradients.get(i)));
        }
        return new Update(List.copyOf(moments), List.copyOf(updates));
    }

    private List<Op> decay(Ops tf, Parameter parameter, Operand<TFloat64> rate, Operand<TFloat64> weightDecay) {
        double factor = groups.decay(parameter.role());
        if (factor == 0) {
            return List.of();
        }
        var share = tf.math.mul(rate, tf.math.mul(weightDecay, tf.constant(factor)));
        var keep = narrow(tf, tf.math.sub(tf.constant(1.0), share));
        // A new tensor takes the old one's place: what still reads the old one would make a change in place copy it.
        return List.of(tf.assignVariableOp(parameter.handle(), tf.math.mul(parameter.value(), keep)));
    }

    private static Operand<TFloat32> narrow(Ops tf, Operand<TFloat64> x) {
        return tf.dtypes.cast(x, TFloat32.class);
    }
}
