package org.capi.graph.pretrain;

import org.capi.graph.VariableFile.Variable;
import org.capi.graph.Workers;
import org.capi.graph.pretrain.StepConfig.CollapseWindow;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * Whether the clustering still tells images apart: two numbers from the joint distribution of positions and
 * prototypes in the teacher's assignments, over the last steps with exponentially falling weight.
 *
 * @param prototypeUse exp(entropy of the mean assignment) / prototypes: 1 when all are used alike, 1 / prototypes when
 *     one is used; a scalar
 * @param positional the mutual information of position and prototype over the logarithm of the positions: 1 when
 *     prototypes stand for positions and nothing else, 0 when they do not depend on them; 0 for a single position; a
 *     scalar
 * @param update keeps the joint distribution
 * @param joint the distribution, not normalised, {@code [positions, prototypes]}
 * @param shares the share of each prototype in what was kept last {@code [prototypes]}
 */
record Collapse(
        Operand<TFloat64> prototypeUse,
        Operand<TFloat64> positional,
        Op update,
        Variable joint,
        Operand<TFloat32> shares) {

    /**
     * Adds a step to the distribution.
     *
     * @param counts the sums of its assignments over the batch {@code [positions, prototypes]}
     * @param finite whether the step counts
     * @param compiled whether XLA compiles the step
     */
    static Collapse create(
            Ops tf,
            Operand<TFloat32> counts,
            CollapseWindow window,
            Workers workers,
            Operand<TBool> finite,
            boolean compiled) {
        long positions = counts.shape().get(0);
        long prototypes = counts.shape().get(1);
        var variable = Variable.zeros(tf, "collapse.joint", counts.shape());
        var before = tf.readVariableOp(variable.handle(), TFloat32.class);
        Operand<TFloat32> kept = tf.math.mul(before, tf.constant((float) window.decay()));
        Operand<TFloat32> joint = tf.math.add(kept, workers.sum(tf, counts));
        var share = tf.math.div(joint, sum(tf, sum(tf, joint, 1), 0)); // [positions, prototypes]
        var ofPosition = sum(tf, share, 1); // [positions, 1]
        var ofPrototype = sum(tf, share, 0); // [1, prototypes]
        var surprise = tf.math.divNoNan(share, tf.math.mul(ofPosition, ofPrototype));
        var information = scalar(tf, tf.math.xlogy(share, surprise));
        var entropy = tf.math.neg(scalar(tf, tf.math.xlogy(ofPrototype, ofPrototype)));
        return new Collapse(
                tf.math.div(tf.math.exp(entropy), tf.constant((double) prototypes)),
                tf.math.div(information, tf.constant(positions == 1 ? 1.0 : Math.log((double) positions))),
                tf.assignVariableOp(
                        variable.handle(),
                        compiled
                                ? tf.select(finite, joint, before)
                                : tf.switchCond(joint, finite).outputTrue()),
                variable,
                shares(tf, tf.readVariableOp(variable.handle(), TFloat32.class)));
    }

    /** {@code [positions, prototypes] -> [prototypes]}; zeros before the first step. */
    private static Operand<TFloat32> shares(Ops tf, Operand<TFloat32> joint) {
        var ofPrototype = tf.reduceSum(joint, tf.constant(0));
        return tf.math.divNoNan(ofPrototype, tf.reduceSum(ofPrototype, tf.constant(0)));
    }

    private static Operand<TFloat32> sum(Ops tf, Operand<TFloat32> x, int axis) {
        return tf.reduceSum(x, tf.constant(axis), ReduceSum.keepDims(true));
    }

    /** The sum of a matrix, its rows in single and their sum in double precision. */
    private static Operand<TFloat64> scalar(Ops tf, Operand<TFloat32> x) {
        var rows = tf.dtypes.cast(tf.reduceSum(x, tf.constant(1)), TFloat64.class);
        return tf.reduceSum(rows, tf.constant(0));
    }
}
