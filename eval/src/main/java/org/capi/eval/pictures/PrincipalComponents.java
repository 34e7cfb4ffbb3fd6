package org.capi.eval.pictures;

import java.util.Arrays;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat64;

/** Singular vectors and principal components of a table, in float64. */
final class PrincipalComponents {

    /** Variance, relative to the largest, below which a component is rounding noise and shown as nothing. */
    private static final double NOISE = 1e-12;

    private PrincipalComponents() {}

    /** The rows of a table given as one array: {@code [rows, dim]}. */
    static double[][] rows(float[] values, int dim) {
        double[][] rows = new double[values.length / dim][dim];
        for (int i = 0; i < values.length; i++) {
            rows[i / dim][i % dim] = values[i];
        }
        return rows;
    }

    /** The right singular vectors of the largest singular values: {@code [rows, dim] -> [count, dim]}. */
    static double[][] singularVectors(double[][] rows, int count) {
        int dim = rows[0].length;
        double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
        double[] columns = new double[dim * dim];
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var table = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(rows.length, dim)));
            var eigen = tf.linalg.selfAdjointEig(tf.linalg.matMul(table, table, MatMul.transposeA(true)));
            try (Session session = new Session(graph);
                    TFloat64 fed = TFloat64.tensorOf(Shape.of(rows.length, dim), DataBuffers.of(flat, true, false));
                    var result =
                            session.runner().feed(table, fed).fetch(eigen.v()).run()) {
                result.get(0).asRawTensor().data().asDoubles().read(columns);
            }
        }
        double[][] vectors = new double[count][dim];
        for (int k = 0; k < count; k++) {
            for (int d = 0; d < dim; d++) {
                vectors[k][d] = columns[d * dim + dim - 1 - k]; // ascending
            }
        }
        return vectors;
    }

    /**
     * Whitened principal components for pictures (divided by their deviations, with n - 1), all divided by the
     * deviation (with n) of the first, each with the sign that makes its skewness non-negative: {@code [rows, dim] ->
     * [components, rows]}; of narrow rows there are fewer components.
     */
    static double[][] of(double[][] rows, int components) {
        int dim = rows[0].length;
        double[] mean = new double[dim];
        for (double[] row : rows) {
            for (int d = 0; d < dim; d++) {
                mean[d] += row[d] / rows.length;
            }
        }
        double[][] centred = new double[rows.length][dim];
        for (int row = 0; row < rows.length; row++) {
            for (int d = 0; d < dim; d++) {
                centred[row][d] = rows[row][d] - mean[d];
            }
        }
        double[][] axes = singularVectors(centred, Math.min(dim, components));
        double[][] view = new double[axes.length][];
        double[] variances = new double[axes.length];
        for (int k = 0; k < axes.length; k++) {
            double[] axis = axes[k];
            view[k] = Arrays.stream(centred)
                    .mapToDouble(row -> Dictionary.dot(row, axis))
                    .toArray();
            variances[k] = Dictionary.dot(view[k], view[k]) / Math.max(1, rows.length - 1);
            double deviation = variances[k] > NOISE * variances[0] ? Math.sqrt(variances[k]) : Double.POSITIVE_INFINITY;
            view[k] = Arrays.stream(view[k]).map(z -> z / deviation).toArray();
        }
        // The first component is centred, so that its deviation is the root of its mean square.
        double first = Math.sqrt(Dictionary.dot(view[0], view[0]) / rows.length);
        for (int k = 0; k < axes.length; k++) {
            double skewness = Arrays.stream(view[k]).map(z -> z * z * z).sum();
            double divisor = first == 0 ? 1 : skewness < 0 ? -first : first;
            view[k] = Arrays.stream(view[k]).map(z -> z / divisor).toArray();
        }
        return view;
    }
}
