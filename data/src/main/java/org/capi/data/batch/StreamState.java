package org.capi.data.batch;

import org.capi.data.Require;

/**
 * The position of a stream of samples: all that is needed to continue with the same samples, crops, flips and masks.
 *
 * @param seed of the stream
 * @param rows of the dataset, and so the samples of an epoch
 * @param epoch that the next sample belongs to, from 0
 * @param position of the next sample in that epoch: how many of it all workers together have taken
 */
public record StreamState(long seed, long rows, long epoch, long position) {

    public StreamState {
        Require.atLeastOne("the rows of an epoch", rows);
        if (epoch < 0) {
            throw new IllegalArgumentException("the epoch must be at least 0, was " + epoch);
        }
        if (position < 0 || position >= rows) {
            throw new IllegalArgumentException("the position in an epoch of " + rows + " rows must be from 0 to "
                    + (rows - 1) + ", was " + position);
        }
    }

    public static StreamState start(long seed, long rows) {
        return new StreamState(seed, rows, 0, 0);
    }

    /** So many samples further on, those of all workers together. */
    public StreamState after(long samples) {
        long all = Math.addExact(samples(), samples);
        return new StreamState(seed, rows, all / rows, all % rows);
    }

    /** How many samples came before, all epochs and workers together. */
    public long samples() {
        return Math.addExact(Math.multiplyExact(epoch, rows), position);
    }

    /** Refuses another seed and another number of images, which would give other samples. */
    public void check(long nowSeed, long nowRows) {
        if (seed != nowSeed) {
            throw new IllegalArgumentException(
                    "the samples were drawn with seed " + seed + ", not " + nowSeed + "; continue with the same seed");
        }
        if (rows != nowRows) {
            throw new IllegalArgumentException("the samples were drawn from " + rows + " images, not " + nowRows
                    + "; continue with the same images");
        }
    }
}
