package org.capi.eval.pictures;

import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat64;

/** The right singular vectors of a table's largest singular values, each with its entry of largest magnitude positive. */
final class SingularVectors {

    private SingularVectors() {}

    /** {@code [rows, dim] -> [count, dim]}. */
    static double[][] of(double[][] rows, int count) {
        int dim = rows[0].length;
        double[] flat = new double[Math.multiplyExact(rows.length, dim)];
        for (int row = 0; row < rows.length; row++) {
            System.arraycopy(rows[row], 0, flat, row * dim, dim);
        }
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
            double largest = 0;
            for (int d = 0; d < dim; d++) {
                double entry = columns[d * dim + dim - 1 - k]; // ascending
                vectors[k][d] = entry;
                largest = Math.abs(entry) > Math.abs(largest) ? entry : largest;
            }
            for (int d = 0; d < dim; d++) {
                vectors[k][d] *= Math.signum(largest);
            }
        }
        return vectors;
    }
}
