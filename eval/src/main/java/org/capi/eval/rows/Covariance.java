package org.capi.eval.rows;

import java.util.Arrays;
import org.capi.eval.rows.Standardization.Fitted;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/**
 * The eigenvectors of a table's covariance (n - 1), in float64.
 *
 * @param mean {@code [dim]}
 * @param variances {@code [dim]}, the largest first
 * @param axes {@code [dim, dim]}, one axis a row in the order of the variances, each with its entry of largest
 *     magnitude positive
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Covariance(double[] mean, double[] variances, double[] axes) {

    private static final int ROWS_AT_ONCE = 4096;

    /** Variance, relative to the largest, below which a direction is rounding noise that whitening must not enlarge. */
    private static final double NOISE = 1e-12;

    static Covariance of(FeatureRows rows) {
        if (rows.size() < 2) {
            throw new IllegalArgumentException("principal components need at least 2 rows, there were " + rows.size());
        }
        double[] mean = Standardization.Moments.of(rows).mean;
        int dim = rows.dim();
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var block = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, dim)));
            var centred = tf.math.sub(tf.dtypes.cast(block, TFloat64.class), tf.constant(mean));
            Operand<TFloat64> product = tf.linalg.matMul(centred, centred, MatMul.transposeA(true));
            var matrix = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(dim, dim)));
            var eigen = tf.linalg.selfAdjointEig(matrix); // ascending
            try (Session session = new Session(graph)) {
                double[] sums = new double[dim * dim];
                for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
                    int count = Math.min(ROWS_AT_ONCE, rows.size() - from);
                    float[] values = new float[count * dim];
                    rows.read(from, count, values, 0);
                    try (var fed = TFloat32.tensorOf(Shape.of(count, dim), DataBuffers.of(values, true, false));
                            var result = session.runner()
                                    .feed(block, fed)
                                    .fetch(product)
                                    .run()) {
                        double[] part = doubles(result.get(0));
                        Arrays.setAll(sums, i -> sums[i] + part[i]);
                    }
                }
                Arrays.setAll(sums, i -> sums[i] / (rows.size() - 1));
                try (var fed = TFloat64.tensorOf(Shape.of(dim, dim), DataBuffers.of(sums, true, false));
                        var result = session.runner()
                                .feed(matrix, fed)
                                .fetch(eigen.e())
                                .fetch(eigen.v())
                                .run()) {
                    return sorted(mean, doubles(result.get(0)), doubles(result.get(1)));
                }
            }
        }
    }

    private static double[] doubles(Tensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.shape().size())];
        tensor.asRawTensor().data().asDoubles().read(values);
        return values;
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

    /** {@code axes · (x - mean)}, on at most as many axes as there are rows; whitened: divided by the deviations. */
    Fitted projection(int rows, boolean whitened) {
        double[] divisors = new double[Math.min(mean.length, rows)];
        for (int k = 0; k < divisors.length; k++) {
            boolean noise = variances[k] <= NOISE * variances[0];
            divisors[k] = !whitened || noise ? 1 : Math.sqrt(variances[k]);
        }
        return new Fitted() {
            @Override
            public int dim(int before) {
                return divisors.length;
            }

            @Override
            public void apply(float[] values, int count, int dim) {
                double[] centred = new double[dim];
                for (int row = 0; row < count; row++) {
                    for (int d = 0; d < dim; d++) {
                        centred[d] = values[row * dim + d] - mean[d];
                    }
                    // In place: a projected row is no longer than the row that it replaces.
                    for (int k = 0; k < divisors.length; k++) {
                        double product = 0;
                        for (int d = 0; d < dim; d++) {
                            product += axes[k * dim + d] * centred[d];
                        }
                        values[row * divisors.length + k] = (float) (product / divisors[k]);
                    }
                }
            }
        };
    }
}
