package org.capi.train.loop;

/** Thrown when a training cannot go on because its losses are no longer numbers; the message names the steps. */
public final class TrainingDivergedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TrainingDivergedException(String message) {
        super(message);
    }
}
