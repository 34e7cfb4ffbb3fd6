package org.capi.eval.probe;

import java.math.BigInteger;
import java.util.stream.IntStream;

/**
 * The permutation that {@code numpy.random.default_rng(seed).permutation(count)} gives: the shuffle of Fisher and Yates
 * with numbers below a power of two that are drawn again when they are too large, from the generator PCG XSL-RR 128/64
 * of O'Neill ("PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms", 2014), seeded by the mixing
 * function of her {@code seed_seq} alternative.
 */
final class NumpyPermutation {

    private static final int POOL = 4;
    private static final BigInteger MASK = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);
    private static final BigInteger MULTIPLIER = new BigInteger("2360ed051fc65da44385df649fccf645", 16);

    private final BigInteger increment;
    private BigInteger state = BigInteger.ZERO;
    private long upper = -1;

    private NumpyPermutation(int seed) {
        long[] words = words(seed);
        increment = unsigned128(words[2], words[3]).shiftLeft(1).setBit(0).and(MASK);
        advance();
        state = state.add(unsigned128(words[0], words[1]));
        advance();
    }

    /** All numbers from 0 to {@code count - 1} in an order that the seed decides. */
    static int[] of(int count, int seed) {
        var generator = new NumpyPermutation(seed);
        int[] order = IntStream.range(0, count).toArray();
        for (int i = count - 1; i > 0; i--) {
            int other = generator.atMost(i);
            int swapped = order[i];
            order[i] = order[other];
            order[other] = swapped;
        }
        return order;
    }

    private int atMost(int max) {
        long mask = (Long.highestOneBit(max) << 1) - 1;
        long drawn = next() & mask;
        while (drawn > max) {
            drawn = next() & mask;
        }
        return (int) drawn;
    }

    /** 32 bits: the lower half of 64, then their upper half. */
    private long next() {
        if (upper >= 0) {
            long held = upper;
            upper = -1;
            return held;
        }
        advance();
        long high = state.shiftRight(Long.SIZE).longValue();
        long bits = Long.rotateRight(high ^ state.longValue(), (int) (high >>> 58));
        upper = bits >>> 32;
        return bits & 0xffff_ffffL;
    }

    /** {@code state = state · multiplier + increment}, in 128 bits. */
    private void advance() {
        state = state.multiply(MULTIPLIER).add(increment).and(MASK);
    }

    private static BigInteger unsigned128(long high, long low) {
        return new BigInteger(Long.toUnsignedString(high))
                .shiftLeft(Long.SIZE)
                .add(new BigInteger(Long.toUnsignedString(low)));
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
