package org.capi.train.ablate;

/**
 * Why a training or its evaluation came to no result.
 *
 * @param status that its command ended with
 * @param reason what it said last
 */
record TrialFailure(int status, String reason) {

    private static final int DIVERGED = 3;

    /** A training that diverged would do so again; anything else is tried again by the next call. */
    boolean last() {
        return status == DIVERGED;
    }

    Outcome.State state() {
        return last() ? Outcome.State.DIVERGED : Outcome.State.FAILED;
    }
}
