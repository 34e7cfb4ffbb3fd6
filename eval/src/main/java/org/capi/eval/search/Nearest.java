package org.capi.eval.search;

import java.util.Arrays;

/** The nearest rows so far of some queries, {@code [queries, k]}, the nearest first, of equally near ones the smallest. */
public final class Nearest {

    private final Metric metric;
    private final int k;
    private final int[] rows;
    private final double[] halves;

    Nearest(Metric metric, int queries, int k) {
        this.metric = metric;
        this.k = k;
        rows = new int[Math.multiplyExact(queries, k)];
        halves = new double[rows.length];
        Arrays.fill(rows, -1);
        Arrays.fill(halves, Double.POSITIVE_INFINITY);
    }

    Metric metric() {
        return metric;
    }

    /** How many neighbours each query has. */
    public int k() {
        return k;
    }

    /** How many queries there are. */
    public int queries() {
        return rows.length / k;
    }

    /** The row of a neighbour, 0 being the nearest. */
    public int row(int query, int neighbour) {
        return rows[query * k + neighbour];
    }

    /** How far it is. */
    public double distance(int query, int neighbour) {
        return metric.distance(halves[query * k + neighbour]);
    }

    /** Half the squared length within which something must be to be among the nearest. */
    double limit(int query) {
        return halves[query * k + k - 1];
    }

    /** Takes a row in if it is near enough. */
    boolean offer(int query, int row, double half) {
        int first = query * k;
        int at = first + k - 1;
        if (!nearer(half, row, at)) {
            return false;
        }
        while (at > first && nearer(half, row, at - 1)) {
            halves[at] = halves[at - 1];
            rows[at] = rows[at - 1];
            at--;
        }
        halves[at] = half;
        rows[at] = row;
        return true;
    }

    private boolean nearer(double half, int row, int at) {
        return half < halves[at] || (half == halves[at] && (rows[at] < 0 || row < rows[at]));
    }
}
