package org.capi.eval.search;

import java.util.Arrays;

/**
 * The nearest rows of some queries, {@code [queries, k]}, the nearest first, of equally near ones the smallest. While they
 * are looked for, few are kept in that order; many are a heap with the farthest on top, which takes a row in with
 * {@code O(log k)} comparisons.
 */
public final class Nearest {

    /** Up to so many an insertion into a sorted list is faster than a heap. */
    private static final int FEW = 48;

    private static final int MAX_NEIGHBOURS = 1 << 30;

    private final Metric metric;
    private final int k;
    private final int[] rows;
    private final double[] halves;

    Nearest(Metric metric, int queries, int k) {
        this.metric = metric;
        this.k = k;
        if ((long) queries * k > MAX_NEIGHBOURS) {
            throw new IllegalArgumentException("at most " + MAX_NEIGHBOURS + " neighbours are kept at once, k " + k
                    + " of " + queries + " queries are more");
        }
        rows = new int[queries * k];
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
        return halves[farthest(query)];
    }

    private int farthest(int query) {
        return k <= FEW ? query * k + k - 1 : query * k;
    }

    /** Takes a row in, in place of the farthest, if it is nearer than that. */
    boolean offer(int query, int row, double half) {
        if (!farther(farthest(query), half, row)) {
            return false;
        }
        if (k <= FEW) {
            insert(query * k, half, row);
        } else {
            replaceTop(query * k, k, half, row);
        }
        return true;
    }

    /** Brings what was found for a query into its order; nothing may be offered to it after that. */
    void sort(int query) {
        if (k <= FEW) {
            return;
        }
        int first = query * k;
        for (int count = k - 1; count > 0; count--) {
            double half = halves[first + count];
            int row = rows[first + count];
            halves[first + count] = halves[first];
            rows[first + count] = rows[first];
            replaceTop(first, count, half, row);
        }
    }

    /** Puts a row where it belongs in a sorted list, whose last is forgotten. */
    private void insert(int first, double half, int row) {
        int at = first + k - 1;
        while (at > first && farther(at - 1, half, row)) {
            halves[at] = halves[at - 1];
            rows[at] = rows[at - 1];
            at--;
        }
        halves[at] = half;
        rows[at] = row;
    }

    /** Puts a row into a heap of {@code count} in place of the top, which is forgotten. */
    private void replaceTop(int first, int count, double half, int row) {
        int at = 0;
        for (int child = 1; child < count; child = 2 * at + 1) {
            int other = first + child + 1;
            if (child + 1 < count && farther(other, halves[first + child], rows[first + child])) {
                child++;
            }
            if (!farther(first + child, half, row)) {
                break;
            }
            halves[first + at] = halves[first + child];
            rows[first + at] = rows[first + child];
            at = child;
        }
        halves[first + at] = half;
        rows[first + at] = row;
    }

    /** Whether a place holds something farther than a row; a place that is free, with the row -1, does. */
    private boolean farther(int at, double half, int row) {
        return halves[at] > half || (halves[at] == half && Integer.compareUnsigned(rows[at], row) > 0);
    }
}
