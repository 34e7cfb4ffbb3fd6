package org.capi.data.image;

import java.io.IOException;
import java.util.concurrent.Semaphore;

/** Lets threads decode many small images at once, but large ones only in turn: what they hold together is bounded. */
final class DecodeBudget {

    private static final long SMALL = 1L << 22; // pixels, 12 MB
    private static final int TOTAL = 1 << 27; // pixels, 400 MB

    private final Semaphore free = new Semaphore(TOTAL, true);

    /** What is done with an image while it is decoded. */
    @FunctionalInterface
    interface Work<T> {

        T run() throws IOException;
    }

    /** Waits until an image of so many pixels may be decoded, and does it. */
    <T> T spend(long pixels, Work<T> work) throws IOException {
        if (pixels <= SMALL) {
            return work.run();
        }
        int share = (int) Math.min(TOTAL, pixels);
        free.acquireUninterruptibly(share);
        try {
            return work.run();
        } finally {
            free.release(share);
        }
    }
}
