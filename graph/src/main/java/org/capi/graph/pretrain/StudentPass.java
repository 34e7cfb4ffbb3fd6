package org.capi.graph.pretrain;

import java.util.List;
import org.capi.graph.Losses;
import org.capi.graph.Parameter;
import org.capi.graph.Tensors;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.pretrain.ExecutionPlan.Recompute;
import org.capi.graph.vit.VisionTransformer;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * The student's forward and backward pass over a batch, one micro-batch after the other.
 *
 * @param objective what its predictions are for
 * @param trainable the parameters that get a gradient
 */
record StudentPass<T extends TFloating>(
        VisionTransformer<T> student, PredictionObjective<T> objective, List<Parameter> trainable, ExecutionPlan plan) {

    /**
     * Loss and gradients of a batch, or a micro-batch's share of them.
     *
     * @param loss the mean loss of the predictions, a scalar
     * @param gradients of the loss, one for each trainable parameter
     */
    record Result(Operand<TFloat64> loss, List<Operand<TFloat32>> gradients) {

        private Result plus(Ops tf, Result next) {
            return new Result(tf.math.add(loss, next.loss), Gradient.sum(tf, gradients, next.gradients));
        }
    }

    /**
     * What the student sees, and the targets of its predictions.
     *
     * @param images normalised {@code [batch, height, width, 3]}
     * @param visible positions in the grid of these images {@code [batch · visible]}
     * @param predicted likewise {@code [batch · predicted]}
     * @param targets at the predicted positions {@code [batch · predicted, width]}
     * @param patches positions of one image
     */
    record MaskedImages(
            Operand<TFloat32> images,
            Operand<TInt64> visible,
            Operand<TInt64> predicted,
            Operand<TFloat32> targets,
            long patches) {

        private MaskedImages part(Ops tf, ExecutionPlan plan, int i) {
            if (plan.microBatches() == 1) {
                return this;
            }
            long before = images.shape().get(0) / plan.microBatches() * i * patches;
            return new MaskedImages(
                    plan.microBatch(tf, images, i),
                    tf.math.sub(plan.microBatch(tf, visible, i), tf.constant(before)),
                    tf.math.sub(plan.microBatch(tf, predicted, i), tf.constant(before)),
                    plan.microBatch(tf, targets, i),
                    patches);
        }

        private MaskedImages after(Ops tf, List<? extends Operand<?>> done) {
            return done.isEmpty()
                    ? this
                    : new MaskedImages(Tensors.after(tf, images, done), visible, predicted, targets, patches);
        }
    }

    /**
     * Passes over every micro-batch, one after the other, and adds up their losses and gradients.
     *
     * @param depths the stochastic depth of each micro-batch
     * @param done what must be there before the first one may take memory; empty if nothing
     */
    Result apply(Ops tf, MaskedImages batch, List<StochasticDepth> depths, List<? extends Operand<?>> done) {
        Result sum = microBatch(tf, batch.part(tf, plan, 0).after(tf, done), depths.get(0));
        for (int i = 1; i < plan.microBatches(); i++) {
            var part = batch.part(tf, plan, i).after(tf, sum.gradients());
            sum = sum.plus(tf, microBatch(tf, part, depths.get(i)));
        }
        return sum;
    }

    private Result microBatch(Ops tf, MaskedImages batch, StochasticDepth depth) {
        if (plan.recompute() == Recompute.BLOCKS) {
            return new RecomputedPass<>(this, batch, depth).apply(tf);
        }
        var prediction =
                student.predict(tf.withSubScope("student"), batch.images(), batch.visible(), batch.predicted(), depth);
        var loss = loss(tf, prediction.predictions(), batch);
        return new Result(loss, Gradient.of(tf, loss, trainable));
    }

    /** A micro-batch's share of the loss, of its predictions {@code [..., predictorDim]}. */
    Operand<TFloat64> loss(Ops tf, Operand<T> predictions, MaskedImages batch) {
        var rows = tf.reshape(
                predictions, tf.constant(new long[] {-1, predictions.shape().get(-1)}));
        var mean = Losses.mean(tf, objective.losses(tf, rows, batch.targets()));
        if (plan.microBatches() == 1) {
            return mean;
        }
        // As in ChunkedClustering: what follows from constants only is stored, here for every micro-batch.
        var divisor =
                tf.math.add(tf.constant((double) plan.microBatches()), Tensors.zero(tf, predictions, TFloat64.class));
        return tf.math.div(mean, divisor);
    }
}
