package org.capi.eval.search;

/**
 * Which of a row of lower bounds are no larger than a distance, several to the {@code long}: for numbers that are not
 * negative the order of their bits is their order, and a subtraction tells without a borrow which lanes are larger.
 */
final class Candidates {

    private final Precision precision;
    private final int laneBits;
    private final long ones;
    private final long signs;
    private long limits;

    Candidates(Precision precision) {
        this.precision = precision;
        laneBits = 8 * precision.bytes();
        ones = precision == Precision.BFLOAT16 ? 0x0001_0001_0001_0001L : 0x0000_0001_0000_0001L;
        signs = ones << (laneBits - 1);
    }

    /** How many bounds there are in a {@code long}. */
    int lanes() {
        return Long.SIZE / laneBits;
    }

    /** From now on only what may be as near as this is a candidate. */
    void within(double half) {
        // A bound is a result that was rounded once more, down or up.
        double limit = Math.min(half * (1 + 4 * precision.rounding()), Float.MAX_VALUE);
        int bits = precision.bits(limit);
        if (precision.value(bits) < limit) {
            bits++;
        }
        limits = (Math.min(bits, precision.bits(Float.MAX_VALUE)) * ones) | signs;
    }

    /** The sign bit of every lane whose bound is negative or within the limit. */
    long among(long bounds) {
        return ((limits - (bounds & ~signs)) | bounds) & signs;
    }

    /** The lane of the lowest bit. */
    int lane(long hits) {
        return Long.numberOfTrailingZeros(hits) / laneBits;
    }
}
