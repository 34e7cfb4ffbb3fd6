package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Parameter;
import org.capi.graph.Workers;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TType;

/** Gradients with respect to parameters, as lists in the parameters' order. */
final class Gradient {

    private Gradient() {}

    /** The gradients of a loss. */
    static List<Operand<TFloat32>> of(Ops tf, Operand<?> loss, List<Parameter> parameters) {
        var raw = tf.gradients(loss, parameters.stream().map(Parameter::value).toList());
        List<Operand<TFloat32>> gradients = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            gradients.add(raw.dy(i));
        }
        return gradients;
    }

    /**
     * The gradients of a loss whose gradient by {@code y} is known.
     *
     * @param gradient of the loss by {@code y}, of its shape
     */
    static <T extends TType> List<Operand<TFloat32>> through(
            Ops tf, Operand<T> y, Operand<T> gradient, List<Parameter> parameters) {
        var raw = tf.gradients(
                List.of(y), parameters.stream().map(Parameter::value).toList(), Gradients.dx(List.of(gradient)));
        List<Operand<TFloat32>> gradients = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            gradients.add(raw.dy(i));
        }
        return gradients;
    }

    /** One by one, {@code a + b}. */
    static List<Operand<TFloat32>> sum(Ops tf, List<Operand<TFloat32>> a, List<Operand<TFloat32>> b) {
        List<Operand<TFloat32>> sums = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) {
            sums.add(tf.math.add(a.get(i), b.get(i)));
        }
        return sums;
    }

    /** The mean over all workers. */
    static List<Operand<TFloat32>> mean(Ops tf, Workers workers, List<Operand<TFloat32>> gradients) {
        if (workers.count() == 1) {
            return gradients;
        }
        List<Operand<TFloat32>> means = new ArrayList<>();
        for (Operand<TFloat32> gradient : gradients) {
            means.add(tf.math.div(workers.sum(tf, gradient), tf.constant((float) workers.count())));
        }
        return means;
    }

    /**
     * The length of all of them as one vector.
     *
     * @param compiled whether XLA compiles it: then the squares are summed along rows, next to whatever else is done
     *     with them, and all rows in one sum
     */
    static Operand<TFloat64> norm(Ops tf, List<Operand<TFloat32>> gradients, boolean compiled) {
        if (compiled) {
            List<Operand<TFloat32>> rows = new ArrayList<>();
            for (Operand<TFloat32> gradient : gradients) {
                var shape = gradient.shape();
                long count = shape.numDimensions() > 1 ? shape.get(0) : 1;
                var matrix = tf.reshape(gradient, tf.constant(new long[] {count, -1}));
                rows.add(tf.reduceSum(tf.math.square(matrix), tf.constant(1)));
            }
            var all = tf.dtypes.cast(tf.concat(rows, tf.constant(0)), TFloat64.class);
            return tf.math.sqrt(tf.reduceSum(all, tf.constant(0)));
        }
        List<Operand<TFloat32>> halves = new ArrayList<>();
        for (Operand<TFloat32> gradient : gradients) {
            halves.add(tf.nn.l2Loss(gradient));
        }
        var half = tf.reduceSum(tf.dtypes.cast(tf.stack(halves), TFloat64.class), tf.constant(0));
        return tf.math.sqrt(tf.math.mul(half, tf.constant(2.0)));
    }
}
