package org.capi.data.batch;

import org.capi.data.SeededDraws;

/**
 * The order in which the rows of a dataset are shown, epoch after epoch: a new pseudo-random permutation for each, of
 * which any place is computed when it is asked for and none is held in memory.
 *
 * <p>A position counts the samples of all workers from the beginning of the first epoch.
 */
public final class SampleOrder {

    private static final long PURPOSE = 1;

    private final long seed;
    private final long rows;
    private volatile NumberedOrder newest;

    private record NumberedOrder(long epoch, EpochOrder order) {}

    /**
     * The order of a seed.
     *
     * @param rows of the dataset, and so the samples of an epoch
     */
    public SampleOrder(long seed, long rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("an order needs at least 1 row, was " + rows);
        }
        this.seed = SeededDraws.of(seed, PURPOSE).bits();
        this.rows = rows;
        this.newest = new NumberedOrder(0, new EpochOrder(this.seed, 0, rows));
    }

    /** The row that is shown at a position. */
    public long at(long position) {
        return at(position / rows, position % rows);
    }

    /** The row that is shown at a place of an epoch. */
    public long at(long epoch, long index) {
        NumberedOrder known = newest;
        if (known.epoch != epoch) {
            known = new NumberedOrder(epoch, new EpochOrder(seed, epoch, rows));
            newest = known;
        }
        return known.order.at(index);
    }
}
