package org.capi.train.loop;

/** Thrown when a job cannot give its result because its training was stopped by a signal. */
public final class RunStoppedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int signal;

    public RunStoppedException(int signal, String message) {
        super(message);
        this.signal = signal;
    }

    /** The number of the signal. */
    public int signal() {
        return signal;
    }
}
