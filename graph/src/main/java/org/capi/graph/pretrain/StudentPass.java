package org.capi.graph.pretrain;

import java.util.List;
import org.capi.graph.Parameter;
import org.capi.graph.Tensors;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.pretrain.StepConfig.Activations;
import org.capi.graph.vit.VisionTransformer;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

/**
 * The student's forward and backward pass over some images.
 *
 * @param objective what its predictions are for
 * @param moving the parameters that get a gradient
 * @param parts of how many equal parts of the batch the pass sees one; the losses of all add up to the batch's
 */
record StudentPass<T extends TFloating>(
        VisionTransformer<T> student,
        Objective<T> objective,
        List<Parameter> moving,
        int parts,
        Activations activations) {

    /**
     * What comes of it.
     *
     * @param loss the mistake of the predictions, the part's share of the batch's mean, a scalar
     * @param gradients of the loss, one for each parameter that moves
     */
    record Outcome(Operand<TFloat64> loss, List<Operand<TFloat32>> gradients) {

        private Outcome plus(Ops tf, Outcome next) {
            return new Outcome(tf.math.add(loss, next.loss), Gradient.sum(tf, gradients, next.gradients));
        }
    }

    /**
     * Passes over every part of a batch, one after the other, and adds up what comes of them.
     *
     * @param batch the whole batch
     * @param depths the stochastic depth of each part
     * @param done what must be there before the first part may take memory; empty if nothing
     */
    Outcome apply(Ops tf, Sample batch, List<StochasticDepth> depths, List<? extends Operand<?>> done) {
        if (parts == 1) {
            return one(tf, batch.after(tf, done), depths.get(0));
        }
        Outcome sum = one(tf, batch.part(tf, 0, parts).after(tf, done), depths.get(0));
        for (int i = 1; i < parts; i++) {
            sum = sum.plus(tf, one(tf, batch.part(tf, i, parts).after(tf, sum.gradients()), depths.get(i)));
        }
        return sum;
    }

    private Outcome one(Ops tf, Sample sample, StochasticDepth depth) {
        return switch (activations) {
            case KEPT -> kept(tf, sample, depth);
            case RECOMPUTED -> new RecomputedPass<>(this, sample, depth).apply(tf);
        };
    }

    private Outcome kept(Ops tf, Sample sample, StochasticDepth depth) {
        var prediction = student.predict(
                tf.withSubScope("student"), sample.images(), sample.visible(), sample.predicted(), depth);
        var loss = loss(tf, prediction.predictions(), sample);
        return new Outcome(loss, Gradient.of(tf, loss, moving));
    }

    /** A part's share of the loss, of its predictions {@code [..., predictorDim]}. */
    Operand<TFloat64> loss(Ops tf, Operand<T> predictions, Sample sample) {
        var rows = tf.reshape(
                predictions, tf.constant(new long[] {-1, predictions.shape().get(-1)}));
        var mean = Losses.mean(tf, objective.losses(tf, rows, sample.targets()));
        if (parts == 1) {
            return mean;
        }
        // As in ClusteringPass: what follows from constants only is stored, here for every part.
        var divisor = tf.math.add(tf.constant((double) parts), Tensors.zero(tf, predictions, TFloat64.class));
        return tf.math.div(mean, divisor);
    }
}
