package org.capi.graph.optim;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Parameter;
import org.capi.graph.Parameter.Role;
import org.capi.graph.Tensors;
import org.capi.graph.VariableFile.Variable;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * AdamW (Loshchilov and Hutter 2019) as PyTorch computes it: {@code p ← p·(1 - lr·decay)}, then {@code p ← p - lr / (1
 * - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)}, where lr and decay already hold the factors of the parameter's role.
 */
public record AdamW(double beta1, double beta2, double epsilon, ParameterGroups groups) {

    /**
     * From this size on XLA updates a parameter in one pass and in place, and must not join the passes of several: one
     * that sums changes of more than one parameter writes new arrays, which are then copied.
     */
    private static final long LARGE = 1 << 21;

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
     * @param moments two variables for each trainable parameter
     * @param updates what changes these parameters and their moments
     * @param after the new value of each of these parameters, in their order
     * @param change the length of what is added to all of them as one vector, a scalar; under a condition, what it would
     *     be if that held
     */
    public record Update(
            List<Variable> moments, List<Op> updates, List<Operand<TFloat32>> after, Operand<TFloat64> change) {}

    /** Whether training changes a parameter at all. */
    public boolean trainable(Parameter parameter) {
        return groups.rate(parameter.role()) != 0;
    }

    /**
     * Builds the update of trainable parameters.
     *
     * @param gradients one for each parameter, of its shape
     * @param condition whether anything changes, for a step that XLA compiles: arithmetic without a branch, which XLA
     *     makes one pass over weight, moments and gradient. Null for TensorFlow's own kernel, which is that pass
     *     elsewhere.
     */
    public Update update(
            Ops tf,
            List<Parameter> parameters,
            List<? extends Operand<TFloat32>> gradients,
            Rates rates,
            @Nullable Operand<TBool> condition) {
        // ResourceApplyAdam adds its epsilon to the uncorrected √v.
        var power1 = tf.math.pow(tf.constant(beta1), rates.count());
        var power2 = tf.math.pow(tf.constant(beta2), rates.count());
        var correction = tf.math.sqrt(tf.math.sub(tf.constant(1.0), power2));
        var scaledEpsilon = narrow(tf, tf.math.mul(tf.constant(epsilon), correction));
        List<Variable> moments = new ArrayList<>();
        List<Op> updates = new ArrayList<>();
        List<Operand<TFloat32>> after = new ArrayList<>();
        List<Operand<TFloat32>> changes = new ArrayList<>();
        var size = narrow(tf, tf.math.div(correction, tf.math.sub(tf.constant(1.0), power1)));
        @Nullable Operand<TBool> holds = condition;
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            var first = Variable.zeros(tf, "adam.m." + parameter.name(), parameter.shape());
            var second = Variable.zeros(tf, "adam.v." + parameter.name(), parameter.shape());
            moments.add(first);
            moments.add(second);
            var rate = tf.math.mul(rates.learningRate(), tf.constant(groups.rate(parameter.role())));
            if (condition != null && holds != null) {
                var gradient = gradients.get(i);
                var m = tf.readVariableOp(first.handle(), TFloat32.class);
                var v = tf.readVariableOp(second.handle(), TFloat32.class);
                var newM = average(tf, m, gradient, beta1);
                var newV = average(tf, v, tf.math.square(gradient), beta2);
                var step = tf.math.mul(narrow(tf, rate), size);
                var direction = tf.math.div(newM, tf.math.add(tf.math.sqrt(newV), scaledEpsilon));
                var keep = keep(tf, parameter, rate, rates.weightDecay());
                var kept = keep == null ? parameter.value() : tf.math.mul(parameter.value(), keep);
                var updated = tf.math.sub(kept, tf.math.mul(step, direction));
                after.add(tf.select(holds, updated, parameter.value()));
                changes.add(Tensors.rowSquares(tf, tf.math.sub(updated, parameter.value())));
                updates.add(tf.assignVariableOp(parameter.handle(), after.get(i)));
                updates.add(tf.assignVariableOp(first.handle(), tf.select(holds, newM, m)));
                updates.add(tf.assignVariableOp(second.handle(), tf.select(holds, newV, v)));
                if (parameter.shape().size() >= LARGE) {
                    holds = after(tf, condition, changes.get(i));
                }
                continue;
            }
            var decayed = decay(tf, parameter, rate, rates.weightDecay());
            Op update = tf.withControlDependencies(decayed)
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
                            gradients.get(i));
            updates.add(update);
            after.add(tf.withControlDependencies(update).readVariableOp(parameter.handle(), TFloat32.class));
            changes.add(tf.math.sub(after.get(i), parameter.value()));
        }
        Operand<TFloat64> change = changes.isEmpty()
                ? tf.constant(0.0)
                : condition == null ? Tensors.norm(tf, changes, false) : Tensors.normOfRows(tf, changes);
        return new Update(List.copyOf(moments), List.copyOf(updates), List.copyOf(after), change);
    }

    /** The same condition, known only after some squares: XLA does not know that none of them is negative. */
    private static Operand<TBool> after(Ops tf, Operand<TBool> condition, Operand<TFloat32> squares) {
        var negative = tf.math.less(tf.stridedSlice(squares, Indices.at(0)), tf.constant(0f));
        return tf.math.logicalAnd(condition, tf.math.logicalNot(negative));
    }

    /** {@code average + (x - average)·(1 - beta)}. */
    private static Operand<TFloat32> average(Ops tf, Operand<TFloat32> average, Operand<TFloat32> x, double beta) {
        return tf.math.add(average, tf.math.mul(tf.math.sub(x, average), tf.constant(1 - (float) beta)));
    }

    private List<Op> decay(Ops tf, Parameter parameter, Operand<TFloat64> rate, Operand<TFloat64> weightDecay) {
        var keep = keep(tf, parameter, rate, weightDecay);
        if (keep == null) {
            return List.of();
        }
        // A new tensor takes the old one's place: what still reads the old one would make a change in place copy it.
        return List.of(tf.assignVariableOp(parameter.handle(), tf.math.mul(parameter.value(), keep)));
    }

    /** What decay leaves of a parameter, a scalar; null where it has none. */
    private @Nullable Operand<TFloat32> keep(
            Ops tf, Parameter parameter, Operand<TFloat64> rate, Operand<TFloat64> weightDecay) {
        double factor = groups.decay(parameter.role());
        if (factor == 0) {
            return null;
        }
        var share = tf.math.mul(rate, tf.math.mul(weightDecay, tf.constant(factor)));
        return narrow(tf, tf.math.sub(tf.constant(1.0), share));
    }

    private static Operand<TFloat32> narrow(Ops tf, Operand<TFloat64> x) {
        return tf.dtypes.cast(x, TFloat32.class);
    }

    /**
     * The factors on learning rate and weight decay that a parameter's role brings.
     *
     * @param patchEmbedRate learning-rate factor of the patch embedding, weight and bias
     * @param normDecay weight-decay factor of the gains of norms
     * @param biasDecay weight-decay factor of biases
     */
    public record ParameterGroups(double patchEmbedRate, double normDecay, double biasDecay) {

        /** Every parameter alike, the reference's treatment of the clustering head. */
        public static final ParameterGroups UNIFORM = new ParameterGroups(1, 1, 1);

        /** The factor on the learning rate; 0 for what training must not change. */
        public double rate(Role role) {
            return switch (role) {
                case ROPE -> 0;
                case PATCH_EMBED, PATCH_EMBED_BIAS -> patchEmbedRate;
                case WEIGHT, BIAS, NORM, TOKEN -> 1;
            };
        }

        /** The factor on the weight decay. */
        public double decay(Role role) {
            return switch (role) {
                case NORM -> normDecay;
                case BIAS, PATCH_EMBED_BIAS -> biasDecay;
                case WEIGHT, TOKEN, PATCH_EMBED, ROPE -> 1;
            };
        }
    }
}
