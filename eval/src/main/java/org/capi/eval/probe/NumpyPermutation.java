package org.capi.eval.probe;

/**
 * The permutation that {@code numpy.random.default_rng(seed).permutation(count)} gives: the shuffle of Fisher and Yates
 * with draws below a power of two that are taken again when they are too large, from the generator PCG XSL-RR 128/64 of
 * O'Neill ("PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms", 2014), seeded by the mixing
 * function of her {@code seed_seq} alternative.
 */
final class NumpyPermutation {

    private static final int POOL = 4;
    private static final long MULTIPLIER_HIGH = 0x2360ed051fc65da4L;
    private static final long MULTIPLIER_LOW = 0x4385df649fccf645L;

    private final long incrementHigh;
    private final long incrementLow;
    private long high;
    private long low;
    private long held;
    private boolean holding;

    private NumpyPermutation(int seed) {
        long[] words = words(seed);
        incrementHigh = words[2] << 1 | words[3] >>> 63;
        incrementLow = words[3] << 1 | 1;
        advance();
        add(words[0], words[1]);
        advance();
    }

    /** All numbers from 0 to {@code count - 1} in an order that the seed decides. */
    static int[] of(int count, int seed) {
        var draws = new NumpyPermutation(seed);
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        for (int i = count - 1; i > 0; i--) {
            int other = draws.atMost(i);
            int moved = order[i];
            order[i] = order[other];
            order[other] = moved;
        }
        return order;
    }

    private int atMost(int most) {
        long mask = (Long.highestOneBit(most) << 1) - 1;
        long drawn = next() & mask;
        while (drawn > most) {
            drawn = next() & mask;
        }
        return (int) drawn;
    }

    /** 32 bits: the lower half of 64, then their upper half. */
    private long next() {
        if (holding) {
            holding = false;
            return held;
        }
        advance();
        long bits = Long.rotateRight(high ^ low, (int) (high >>> 58));
        holding = true;
        held = bits >>> 32;
        return bits & 0xffff_ffffL;
    }

    /** {@code state = state · multiplier + increment}, in 128 bits. */
    private void advance() {
        long productHigh = Math.multiplyHigh(low, MULTIPLIER_LOW)
                + (low >> 63 & MULTIPLIER_LOW)
                + (MULTIPLIER_LOW >> 63 & low)
                + low * MULTIPLIER_HIGH
                + high * MULTIPLIER_LOW;
        low *= MULTIPLIER_LOW;
        high = productHigh;
        add(incrementHigh, incrementLow);
    }

    private void add(long otherHigh, long otherLow) {
        low += otherLow;
        high += otherHigh + (Long.compareUnsigned(low, otherLow) < 0 ? 1 : 0);
    }

    /** Four words of 64 bits, of which every bit depends on every bit of the seed. */
    private static long[] words(int seed) {
        int[] factor = {0x43b0d7e5};
        int[] pool = new int[POOL];
        for (int i = 0; i < POOL; i++) {
            pool[i] = hashed(i == 0 ? seed : 0, factor, 0x931e8875);
        }
        for (int from = 0; from < POOL; from++) {
            for (int to = 0; to < POOL; to++) {
                if (from != to) {
                    int mixed = 0xca01f9dd * pool[to] - 0x4973f715 * hashed(pool[from], factor, 0x931e8875);
                    pool[to] = mixed ^ mixed >>> 16;
                }
            }
        }
        factor[0] = 0x8b51f9dd;
        long[] words = new long[POOL];
        for (int i = 0; i < POOL; i++) {
            long lower = Integer.toUnsignedLong(hashed(pool[2 * i % POOL], factor, 0x58f38ded));
            words[i] = lower | (long) hashed(pool[(2 * i + 1) % POOL], factor, 0x58f38ded) << 32;
        }
        return words;
    }

    /** The factor is another one at every call. */
    private static int hashed(int value, int[] factor, int growth) {
        int mixed = value ^ factor[0];
        factor[0] *= growth;
        mixed *= factor[0];
        return mixed ^ mixed >>> 16;
    }
}
