package org.capi.graph.pretrain;

import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.Workers;
import org.capi.graph.layer.Linear;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * The target itself, as the encoder's last norm or the normalisation of pixels leaves it, by the Huber loss: {@code r²/2} of
 * a difference r up to 1 and {@code |r| - 1/2} beyond, the mean over all numbers of a target.
 *
 * @param head from the predictor's width to the target's; null if they are compared as they are
 */
record DirectObjective<T extends TFloating>(@Nullable Linear<T> head) implements Objective<T> {

    /** Declares {@code weight} where there is a head. */
    static <T extends TFloating> DirectObjective<T> create(StepConfig config, Parameters<T> params) {
        var vit = config.vit();
        int width = config.pretext().source().width(vit);
        return new DirectObjective<>(
                config.pretext().head() == Pretext.Head.IDENTITY
                        ? null
                        : Linear.create(params, vit.predictorDim(), width));
    }

    @Override
    public Targets targets(Ops tf, Operand<T> features, Operand<TInt64> predicted, Workers workers) {
        var positions = tf.constant(features.shape().get(0));
        var images = tf.constant(features.shape().get(1));
        var width = features.shape().get(2);
        var row = tf.math.add(
                tf.math.mul(tf.math.floorMod(predicted, positions), images), tf.math.floorDiv(predicted, positions));
        var rows = tf.gather(tf.reshape(features, tf.constant(new long[] {-1, width})), row, tf.constant(0));
        return Targets.direct(tf.stopGradient(Tensors.cast(tf, rows, TFloat32.class)));
    }

    @Override
    public Operand<TFloat32> losses(Ops tf, Operand<T> predictions, Operand<TFloat32> targets) {
        var answers = Tensors.cast(tf, head == null ? predictions : head.apply(tf, predictions), TFloat32.class);
        var size = tf.math.abs(tf.math.sub(answers, targets));
        var bounded = tf.math.minimum(size, tf.constant(1f));
        var huber = tf.math.mul(bounded, tf.math.sub(size, tf.math.mul(bounded, tf.constant(0.5f))));
        return tf.math.mean(huber, tf.constant(-1)); // [rows]
    }
}
