package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Parameter;
import org.capi.graph.Workers;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/** Gradients with respect to parameters, as lists in the parameters' order. */
final class Gradient {

    /** A bucket smaller than this costs more in waiting for the other workers than in bytes. */
    private static final long MIN_BUCKET_BYTES = 32L << 20;

    private static final int MAX_BUCKETS = 16;

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

    /**
     * The mean over all workers. Gradients travel in a few flat buckets, those of the last parameters first, because
     * the backward pass has them first.
     */
    static List<Operand<TFloat32>> mean(Ops tf, Workers workers, List<Operand<TFloat32>> gradients) {
        if (workers.count() == 1 || gradients.isEmpty()) {
            return gradients;
        }
        List<Operand<TFloat32>> means = new ArrayList<>(gradients);
        int end = gradients.size();
        for (int size : bucketSizes(gradients)) {
            var bucket = gradients.subList(end - size, end);
            List<Operand<TFloat32>> flat = new ArrayList<>();
            for (Operand<TFloat32> gradient : bucket) {
                flat.add(tf.reshape(gradient, tf.constant(new long[] {-1})));
            }
            var all = flat.size() == 1 ? flat.get(0) : tf.concat(flat, tf.constant(0));
            var sum = workers.sumOfGradients(tf, all);
            var mean = tf.math.div(sum, tf.constant((float) workers.count()));
            long first = 0;
            for (int i = end - size; i < end; i++) {
                var shape = gradients.get(i).shape();
                long next = first + shape.size();
                means.set(i, tf.reshape(tf.stridedSlice(mean, Indices.slice(first, next)), tf.constant(shape)));
                first = next;
            }
            end -= size;
        }
        return means;
    }

    /** How many gradients each bucket holds, counted from the last gradient. */
    static List<Integer> bucketSizes(List<Operand<TFloat32>> gradients) {
        long total = gradients.stream().mapToLong(g -> g.shape().size()).sum();
        long enough = Math.max(MIN_BUCKET_BYTES / Float.BYTES, total / MAX_BUCKETS);
        List<Integer> sizes = new ArrayList<>();
        int gathered = 0;
        long elements = 0;
        for (int i = gradients.size() - 1; i >= 0; i--) {
            gathered++;
            elements += gradients.get(i).shape().size();
            if (elements >= enough || i == 0) {
                sizes.add(gathered);
                gathered = 0;
                elements = 0;
            }
        }
        return sizes;
    }
}
