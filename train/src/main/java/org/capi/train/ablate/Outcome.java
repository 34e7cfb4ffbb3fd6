package org.capi.train.ablate;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a training is, and what was measured.
 *
 * @param folder of the run, below {@code runs}
 * @param reason why it failed, or null
 * @param measures fractions by the names of the evaluations
 * @param firstLoss of the student at its first step, or null where that is no number
 * @param lastLoss the same at the last step so far
 * @param minutes that its steps took
 */
public record Outcome(
        long seed,
        String folder,
        State state,
        @Nullable String reason,
        Map<String, Double> measures,
        @Nullable Double firstLoss,
        @Nullable Double lastLoss,
        double minutes) {

    public Outcome {
        measures = Collections.unmodifiableMap(new LinkedHashMap<>(measures));
    }

    /** How far. */
    public enum State {
        NOT_BEGUN,
        UNFINISHED,
        FINISHED,
        DIVERGED,
        FAILED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    boolean finished() {
        return state == State.FINISHED;
    }

    boolean failed() {
        return state == State.FAILED || state == State.DIVERGED;
    }
}
