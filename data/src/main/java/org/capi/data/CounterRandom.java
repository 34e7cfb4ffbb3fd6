package org.capi.data;

/**
 * A random generator whose numbers are a pure function of a seed and a path of numbers, such as (seed, purpose,
 * sample).
 *
 * <p>A SplitMix64 counter whose start is the hash of the path: every path is an independent stream, the same on every
 * machine and JDK. Tests subclass it to inject recorded numbers.
 */
public class CounterRandom {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    protected CounterRandom(long state) {
        this.state = state;
    }

    /** The stream of this seed and path. */
    public static CounterRandom of(long seed, long... path) {
        long state = mix(seed + GOLDEN_GAMMA);
        for (long part : path) {
            state = mix(state * 31 + part + GOLDEN_GAMMA);
        }
        return new CounterRandom(state);
    }

    public final long bits() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    /** A number from {@code low} (inclusive) to {@code high} (exclusive). */
    public double uniform(double low, double high) {
        return low + (high - low) * ((bits() >>> 11) * 0x1.0p-53);
    }

    /** A whole number from 0 to {@code bound - 1}. */
    public int below(int bound) {
        Require.atLeastOne("the bound of a draw", bound);
        return (int) Math.multiplyHigh(bits() >>> 1, 2L * bound);
    }

    /** SplitMix64's finaliser: each bit of the result depends on each bit of the argument. */
    public static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
