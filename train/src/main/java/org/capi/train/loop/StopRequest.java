package org.capi.train.loop;

import java.util.concurrent.CountDownLatch;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Turns the signal that ends a process (SIGTERM, SIGINT) into a request to stop after the current step: the JVM, which
 * then exits with 128 + signal, waits until the run has written its checkpoint.
 */
public final class StopRequest implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(StopRequest.class);

    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stop, "stop-request");
    private volatile boolean requested;

    private StopRequest() {}

    /** Listens from now on. */
    public static StopRequest listen() {
        var request = new StopRequest();
        Runtime.getRuntime().addShutdownHook(request.hook);
        return request;
    }

    /** Whether the run should end. */
    public boolean requested() {
        return requested;
    }

    /** Lets a stopping process go, or stops listening. */
    @Override
    public void close() {
        finished.countDown();
        if (!requested) {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private void stop() {
        requested = true;
        log.info("stopping after this step, with a checkpoint");
        try {
            finished.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
