package org.capi.data.batch;

import org.capi.data.CounterRandom;

/**
 * The order in which the rows of a dataset are shown: a new pseudo-random permutation for each epoch, computed for each
 * index and never held in memory.
 *
 * <p>A position counts the samples of all workers from the start of the first epoch.
 */
public final class SampleOrder {

    private static final long PURPOSE = 1;

    private final long seed;
    private final long rows;
    private volatile EpochOrder newest;

    /**
     * The order of a seed.
     *
     * @param rows of the dataset, and so the samples of an epoch
     */
    public SampleOrder(long seed, long rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("an order needs at least 1 row, was " + rows);
        }
        this.seed = CounterRandom.of(seed, PURPOSE).bits();
        this.rows = rows;
        this.newest = new EpochOrder(this.seed, 0, rows);
    }

    public long at(long position) {
        return at(position / rows, position % rows);
    }

    /** The row that is shown at an index of an epoch. */
    public long at(long epoch, long index) {
        EpochOrder order = newest;
        if (order.epoch != epoch) {
            order = new EpochOrder(seed, epoch, rows);
            newest = order;
        }
        return order.at(index);
    }

    /**
     * The permutation of one epoch. A Feistel network permutes the smallest square power of two that holds the size; an
     * index that lands outside is permuted again until it is inside.
     */
    static final class EpochOrder {

        private static final int ROUNDS = 6;

        private final long epoch;
        private final long size;
        private final int halfBits;
        private final long[] keys = new long[ROUNDS];

        EpochOrder(long seed, long epoch, long size) {
            this.epoch = epoch;
            this.size = size;
            this.halfBits = Math.max(1, (64 - Long.numberOfLeadingZeros(size - 1) + 1) / 2);
            CounterRandom random = CounterRandom.of(seed, epoch);
            for (int round = 0; round < ROUNDS; round++) {
                keys[round] = random.bits();
            }
        }

        long at(long index) {
            long value = index;
            do {
                value = permute(value);
            } while (value >= size);
            return value;
        }

        private long permute(long value) {
            long mask = (1L << halfBits) - 1;
            long left = value >>> halfBits;
            long right = value & mask;
            for (long key : keys) {
                long next = left ^ (CounterRandom.mix(right ^ key) & mask);
                left = right;
                right = next;
            }
            return left << halfBits | right;
        }
    }
}
