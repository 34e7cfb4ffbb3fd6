package org.capi.graph.optim;

/**
 * A warm-up followed by a truncated cosine, in double precision.
 *
 * <p>{@code freezeSteps} zeros; then {@code warmupSteps} values on the line from {@code start} to {@code base}, both
 * included; then {@code end + (base - end)/2 · (1 + cos(π·truncation·i/n))} for the n steps that remain; {@code end}
 * from {@code totalSteps} on.
 */
public record Schedule(
        double start, double base, double end, long freezeSteps, long warmupSteps, double truncation, long totalSteps) {

    /** Checks the lengths. */
    public Schedule {
        if (freezeSteps < 0 || warmupSteps < 0 || warmupSteps + freezeSteps > totalSteps) {
            throw new IllegalArgumentException("warmup_steps must be between 0 and total_steps " + totalSteps + ", was "
                    + warmupSteps + (freezeSteps == 0 ? "" : " after " + freezeSteps + " frozen ones"));
        }
    }

    /** A warm-up from {@code start} to {@code base} and a cosine towards {@code end}. */
    public static Schedule of(
            double start, double base, double end, long warmupSteps, double truncation, long totalSteps) {
        return new Schedule(start, base, end, 0, warmupSteps, truncation, totalSteps);
    }

    /** The value at a step, counted from 0. */
    public double at(long step) {
        if (step < 0) {
            throw new IllegalArgumentException("a step is at least 0, was " + step);
        }
        if (step >= totalSteps) {
            return end;
        }
        if (step < freezeSteps) {
            return 0;
        }
        long i = step - freezeSteps;
        if (i < warmupSteps) {
            return warmupSteps == 1 ? start : start + (base - start) * i / (warmupSteps - 1.0);
        }
        double n = totalSteps - warmupSteps - freezeSteps;
        return end + 0.5 * (base - end) * (1 + Math.cos(Math.PI * truncation * (i - warmupSteps) / n));
    }
}
