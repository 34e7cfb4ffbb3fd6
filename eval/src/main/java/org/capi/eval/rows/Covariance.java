package org.capi.eval.rows;

import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat64;

/** The eigenvectors of a table's covariance (n - 1), in float64. */
final class Covariance {

    private static final int ROWS_AT_ONCE = 4096;

    private final double[] mean;
    private final double[] variances;
    private final double[] axes;

    private Covariance(double[] mean, double[] variances, double[] axes) {
        this.mean = mean;
        this.variances = variances;
        this.axes = axes;
    }

    /** {@code [dim]}; not a copy. */
    double[] mean() {
        return mean;
    }

    /** {@code [dim]}, the largest first; not a copy. */
    double[] variances() {
        return variances;
    }

    /** {@code [dim, dim]} one axis a row, in the order of the variances, each with its entry of largest magnitude positive; not a copy. */
    double[] axes() {
        return axes;
    }

    static Covariance of(FeatureRows rows) {
        if (rows.size() < 2) {
            throw new IllegalArgumentException("principal components need at least 2 rows, there were " + rows.size());
        }
        double[] mean = Moments.of(rows).mean();
        int dim = rows.dim();
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var block = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(-1, dim)));
            Operand<TFloat64> product = tf.linalg.matMul(block, block, MatMul.transposeA(true));
            var matrix = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(dim, dim)));
            var eigen = tf.linalg.selfAdjointEig(matrix); // ascending
            try (Session session = new Session(graph)) {
                double[] sums = new double[dim * dim];
                for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
                    int count = Math.min(ROWS_AT_ONCE, rows.size() - from);
                    try (TFloat64 fed = tensor(centred(rows, mean, from, count), count, dim);
                            var result = session.runner()
                                    .feed(block, fed)
                                    .fetch(product)
                                    .run()) {
                        double[] part = doubles((TFloat64) result.get(0));
                        for (int i = 0; i < sums.length; i++) {
                            sums[i] += part[i];
                        }
                    }
                }
                for (int i = 0; i < sums.length; i++) {
                    sums[i] /= rows.size() - 1;
                }
                try (TFloat64 fed = tensor(sums, dim, dim);
                        var result = session.runner()
                                .feed(matrix, fed)
                                .fetch(eigen.e())
                                .fetch(eigen.v())
                                .run()) {
                    return sorted(mean, doubles((TFloat64) result.get(0)), doubles((TFloat64) result.get(1)));
                }
            }
        }
    }

    private static double[] centred(FeatureRows rows, double[] mean, int from, int count) {
        int dim = rows.dim();
        float[] values = new float[count * dim];
        rows.read(from, count, values, 0);
        double[] centred = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            centred[i] = values[i] - mean[i % dim];
        }
        return centred;
    }

    private static Covariance sorted(double[] mean, double[] ascending, double[] columns) {
        int dim = mean.length;
        double[] variances = new double[dim];
        double[] axes = new double[dim * dim];
        for (int k = 0; k < dim; k++) {
            int column = dim - 1 - k;
            variances[k] = Math.max(0, ascending[column]);
            double largest = 0;
            for (int d = 0; d < dim; d++) {
                double entry = columns[d * dim + column];
                largest = Math.abs(entry) > Math.abs(largest) ? entry : largest;
            }
            for (int d = 0; d < dim; d++) {
                axes[k * dim + d] = Math.copySign(1, largest) * columns[d * dim + column];
            }
        }
        return new Covariance(mean, variances, axes);
    }

    private static TFloat64 tensor(double[] values, int rows, int columns) {
        return TFloat64.tensorOf(Shape.of(rows, columns), DataBuffers.of(values, true, false));
    }

    private static double[] doubles(TFloat64 tensor) {
        double[] values = new double[Math.toIntExact(tensor.shape().size())];
        tensor.asRawTensor().data().asDoubles().read(values);
        return values;
    }
}
