package org.capi.train.loop;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Turns SIGTERM, SIGINT and SIGUSR2 into a request to stop after the current step, with a checkpoint; a second one ends
 * the process at once, with 128 + signal.
 *
 * <p>HotSpot itself uses SIGUSR2 to sample threads under the flight recorder, which therefore cannot watch a run.
 */
public final class StopRequest implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(StopRequest.class);

    private final AtomicInteger signal = new AtomicInteger();
    private final Signals signals = Signals.receive(List.of("TERM", "INT", "USR2"), this::received);

    private StopRequest() {}

    /** Listens from now on. */
    public static StopRequest listen() {
        return new StopRequest();
    }

    /** Whether the run should end. */
    public boolean requested() {
        return signal.get() != 0;
    }

    /** The number of the signal that asked for it; 0 for none. */
    public int signal() {
        return signal.get();
    }

    /** Stops listening. */
    @Override
    public void close() {
        signals.close();
    }

    private void received(int number) {
        if (signal.compareAndSet(0, number)) {
            log.info("signal {}: stopping after this step, with a checkpoint; a second one leaves at once", number);
        } else {
            Runtime.getRuntime().halt(128 + number);
        }
    }
}
