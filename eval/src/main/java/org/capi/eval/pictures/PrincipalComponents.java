package org.capi.eval.pictures;

import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat64;

/**
 * The view of features that pictures are made of: whitened principal components, all divided by the deviation of the
 * first, each turned so that its skewness is not negative, which fixes every sign. In float64.
 */
final class PrincipalComponents implements AutoCloseable {

    /** Variance, relative to the largest, below which a component is rounding noise and shown as nothing. */
    private static final double NOISE = 1e-12;

    private final Graph graph = new Graph();
    private final Placeholder<TFloat64> features;
    private final Operand<TFloat64> view;
    private final Session session;
    private final int components;

    /** For features of a width; of narrower ones there are fewer components. */
    PrincipalComponents(int dim, int components) {
        this.components = Math.min(dim, components);
        Ops tf = Ops.create(graph);
        features = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(-1, dim)));
        view = signed(tf, scaled(tf, whitened(tf)));
        session = new Session(graph);
    }

    /** How many there are. */
    int count() {
        return components;
    }

    /** {@code [rows, dim] -> [rows, components]}, row by row. */
    double[] of(float[] rows) {
        double[] values = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
            values[i] = rows[i];
        }
        long dim = features.shape().get(1);
        try (TFloat64 fed = TFloat64.tensorOf(Shape.of(rows.length / dim, dim), DataBuffers.of(values, true, false));
                var result = session.runner().feed(features, fed).fetch(view).run()) {
            double[] seen = new double[Math.toIntExact(result.get(0).shape().size())];
            result.get(0).asRawTensor().data().asDoubles().read(seen);
            return seen;
        }
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }

    /** Projections on the axes of largest variance, each divided by its deviation (with n - 1). */
    private Operand<TFloat64> whitened(Ops tf) {
        var centred = tf.math.sub(features, mean(tf, features));
        var rows = tf.dtypes.cast(tf.gather(tf.shape(features), tf.constant(0), tf.constant(0)), TFloat64.class);
        var less = tf.math.maximum(tf.math.sub(rows, tf.constant(1.0)), tf.constant(1.0));
        var covariance = tf.math.div(tf.linalg.matMul(centred, centred, MatMul.transposeA(true)), less);
        var eigen = tf.linalg.selfAdjointEig(covariance); // ascending
        var variances = first(tf, tf.reverse(eigen.e(), tf.constant(new int[] {0})), 0);
        var axes = first(tf, tf.reverse(eigen.v(), tf.constant(new int[] {1})), 1); // [dim, components]
        var least = tf.math.mul(tf.gather(variances, tf.constant(0), tf.constant(0)), tf.constant(NOISE));
        var kept = tf.dtypes.cast(tf.math.greater(variances, least), TFloat64.class);
        var deviations = tf.math.sqrt(tf.math.maximum(variances, tf.constant(Double.MIN_NORMAL)));
        return tf.math.mul(tf.math.div(tf.linalg.matMul(centred, axes), deviations), kept);
    }

    /** Divided by the deviation (with n) of the first component. */
    private Operand<TFloat64> scaled(Ops tf, Operand<TFloat64> z) {
        var ofFirst = tf.gather(z, tf.constant(0), tf.constant(1));
        var about = tf.math.sub(ofFirst, tf.math.mean(ofFirst, tf.constant(0)));
        var deviation = tf.math.sqrt(tf.math.mean(tf.math.square(about), tf.constant(0)));
        return tf.math.divNoNan(z, deviation);
    }

    private Operand<TFloat64> signed(Ops tf, Operand<TFloat64> z) {
        var skewness = tf.math.mean(tf.math.mul(tf.math.square(z), z), tf.constant(0));
        var negative = tf.dtypes.cast(tf.math.less(skewness, tf.constant(0.0)), TFloat64.class);
        return tf.math.mul(z, tf.math.sub(tf.constant(1.0), tf.math.mul(negative, tf.constant(2.0))));
    }

    private Operand<TFloat64> mean(Ops tf, Operand<TFloat64> x) {
        return tf.expandDims(tf.math.mean(x, tf.constant(0)), tf.constant(0));
    }

    private Operand<TFloat64> first(Ops tf, Operand<TFloat64> x, int axis) {
        return tf.gather(x, tf.range(tf.constant(0), tf.constant(components), tf.constant(1)), tf.constant(axis));
    }
}
