package org.capi.data;

/**
 * Draws that are a pure function of a seed and a path of numbers, such as (seed, purpose, sample).
 *
 * <p>A SplitMix64 counter whose start is the hash of the path: every path is a stream of its own, on every machine and
 * JDK the same.
 */
public final class SeededDraws implements Draws {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    private SeededDraws(long state) {
        this.state = state;
    }

    /** The stream of this seed and path. */
    public static SeededDraws of(long seed, long... path) {
        long state = mix(seed + GOLDEN_GAMMA);
        for (long part : path) {
            state = mix(state * 31 + part + GOLDEN_GAMMA);
        }
        return new SeededDraws(state);
    }

    /** The next 64 bits. */
    public long bits() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    @Override
    public double uniform(double low, double high) {
        return low + (high - low) * ((bits() >>> 11) * 0x1.0p-53);
    }

    @Override
    public int below(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("the bound of a draw must be at least 1, was " + bound);
        }
        return (int) Math.multiplyHigh(bits() >>> 1, 2L * bound);
    }

    /** Scrambles 64 bits so that each bit of the result depends on each of the argument (SplitMix64's finaliser). */
    public static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
