package org.capi.eval.search;

import org.capi.eval.rows.FeatureRows;

/** Some rows in memory as they were read, with what scales each of them for the metric. */
final class Block {

    private final Metric metric;
    private final float[] values;
    private final int dim;
    private final double[] scales;
    private int first;
    private int count;

    Block(Metric metric, int dim, int capacity) {
        this.metric = metric;
        this.dim = dim;
        values = new float[Math.multiplyExact(capacity, dim)];
        scales = new double[capacity];
    }

    /** Reads other rows in the place of those before. */
    void read(FeatureRows rows, int from, int howMany) {
        first = from;
        count = howMany;
        rows.read(from, howMany, values, 0);
        for (int row = 0; row < howMany; row++) {
            scales[row] = metric.scale(values, row * dim, dim);
        }
    }

    int first() {
        return first;
    }

    int count() {
        return count;
    }

    int dim() {
        return dim;
    }

    /** An entry of a row, scaled. */
    double at(int row, int d) {
        return values[row * dim + d] * scales[row];
    }

    /** Half the squared distance between a row of this and one of another block, in float64. */
    double half(int row, Block other, int otherRow) {
        if (metric == Metric.COSINE) {
            double product = dot(values, row * dim, other.values, otherRow * dim, dim);
            return 1 - product * scales[row] * other.scales[otherRow];
        }
        return squares(values, row * dim, other.values, otherRow * dim, dim) / 2;
    }

    /** In four sums, which the processor can make at once. */
    static double dot(float[] a, int atA, float[] b, int atB, int dim) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int d = 0;
        for (; d + 3 < dim; d += 4) {
            sum0 += (double) a[atA + d] * b[atB + d];
            sum1 += (double) a[atA + d + 1] * b[atB + d + 1];
            sum2 += (double) a[atA + d + 2] * b[atB + d + 2];
            sum3 += (double) a[atA + d + 3] * b[atB + d + 3];
        }
        for (; d < dim; d++) {
            sum0 += (double) a[atA + d] * b[atB + d];
        }
        return sum0 + sum1 + (sum2 + sum3);
    }

    private static double squares(float[] a, int atA, float[] b, int atB, int dim) {
        double sum0 = 0;
        double sum1 = 0;
        int d = 0;
        for (; d + 1 < dim; d += 2) {
            double difference0 = (double) a[atA + d] - b[atB + d];
            double difference1 = (double) a[atA + d + 1] - b[atB + d + 1];
            sum0 += difference0 * difference0;
            sum1 += difference1 * difference1;
        }
        if (d < dim) {
            double last = (double) a[atA + d] - b[atB + d];
            sum0 += last * last;
        }
        return sum0 + sum1;
    }
}
