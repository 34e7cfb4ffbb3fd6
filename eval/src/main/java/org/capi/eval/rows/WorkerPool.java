package org.capi.eval.rows;

import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Threads that share numbered pieces of work. */
public final class WorkerPool implements AutoCloseable {

    private final int count;
    private final ExecutorService threads;

    public WorkerPool(int count) {
        this.count = count;
        threads = Executors.newFixedThreadPool(count, work -> {
            Thread thread = new Thread(work, "rows");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The number of threads. */
    public int count() {
        return count;
    }

    /** Does the pieces 0 to {@code pieces - 1}, each once, and returns when all are done. */
    public void each(int pieces, IntConsumer work) {
        var next = new AtomicInteger();
        Callable<Void> share = () -> {
            for (int piece = next.getAndIncrement(); piece < pieces; piece = next.getAndIncrement()) {
                work.accept(piece);
            }
            return null;
        };
        try {
            for (Future<Void> thread : threads.invokeAll(Collections.nCopies(count, share))) {
                thread.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped while rows were read", e);
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
