package org.capi.data.batch;

import org.capi.data.SeededDraws;

/**
 * The order of one epoch: a pseudo-random permutation of {@code 0 .. size - 1} that is computed for each index and held
 * nowhere.
 *
 * <p>A Feistel network permutes the smallest square power of two that holds the size; an index that lands outside walks
 * on until it is inside again.
 */
final class EpochOrder {

    private static final int ROUNDS = 6;

    private final long size;
    private final int halfBits;
    private final long[] keys = new long[ROUNDS];

    EpochOrder(long seed, long epoch, long size) {
        this.size = size;
        this.halfBits = Math.max(1, (64 - Long.numberOfLeadingZeros(size - 1) + 1) / 2);
        SeededDraws draws = SeededDraws.of(seed, epoch);
        for (int round = 0; round < ROUNDS; round++) {
            keys[round] = draws.bits();
        }
    }

    /** The row of the dataset at a place of the epoch. */
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
            long next = left ^ (SeededDraws.mix(right ^ key) & mask);
            left = right;
            right = next;
        }
        return left << halfBits | right;
    }
}
