package org.capi.eval.search;

import java.util.Arrays;
import org.capi.eval.search.ExactKnn.Distance;

/**
 * The nearest rows of queries, {@code [queries, k]}, the nearest first, of equally near ones the smallest. During the
 * search few are kept in that order; many are a heap with the farthest on top, {@code O(log k)} for each insertion.
 */
public final class Neighbours {

    /** Up to so many neighbours a sorted list is faster than a heap. */
    private static final int FEW = 48;

    private static final int MAX_NEIGHBOURS = 1 << 30;

    private final Distance metric;
    private final int k;
    private final int[] rows;
    private final double[] halves;

    Neighbours(Distance metric, int queries, int k) {
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

    Distance metric() {
        return metric;
    }

    public int k() {
        return k;
    }

    public int queries() {
        return rows.length / k;
    }

    /** The row of a neighbour, 0 being the nearest. */
    public int row(int query, int neighbour) {
        return rows[query * k + neighbour];
    }

    public double distance(int query, int neighbour) {
        return metric.of(halves[query * k + neighbour]);
    }

    /** Half the squared distance that a row must not exceed to be among the nearest. */
    double limit(int query) {
        return halves[farthest(query)];
    }

    private int farthest(int query) {
        return k <= FEW ? query * k + k - 1 : query * k;
    }

    /** Replaces the farthest row if this one is nearer. */
    boolean offer(int query, int row, double half) {
        boolean nearer = farther(farthest(query), half, row);
        if (nearer && k <= FEW) {
            insert(query * k, half, row);
        } else if (nearer) {
            replaceTop(query * k, k, half, row);
        }
        return nearer;
    }

    /** Inserts a row into a sorted list, whose last is dropped. */
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

    /** Sorts the neighbours of a query; nothing may be offered to it afterwards. */
    void sort(int query) {
        int first = query * k;
        for (int count = k <= FEW ? 0 : k - 1; count > 0; count--) {
            double half = halves[first + count];
            int row = rows[first + count];
            halves[first + count] = halves[first];
            rows[first + count] = rows[first];
            replaceTop(first, count, half, row);
        }
    }

    /** Replaces the top of a heap of {@code count}. */
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

    /** Whether an entry is farther than a row; a free entry, with the row -1, is. */
    private boolean farther(int at, double half, int row) {
        return halves[at] > half || (halves[at] == half && Integer.compareUnsigned(rows[at], row) > 0);
    }
}
