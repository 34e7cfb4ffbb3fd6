package org.capi.data.imports;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Work done by several threads whose results arrive in the order of submission, few at a time. */
final class InOrder<T> implements AutoCloseable {

    private final ExecutorService pool;
    private final int window;
    private final Sink<T> sink;
    private final Queue<Future<T>> running = new ArrayDeque<>();

    /** Where the results go, on the submitting thread. */
    @FunctionalInterface
    interface Sink<T> {
        void take(T result) throws IOException;
    }

    InOrder(int threads, Sink<T> sink) {
        this.pool = Executors.newFixedThreadPool(threads);
        this.window = 4 * threads;
        this.sink = sink;
    }

    void submit(Callable<T> work) throws IOException {
        if (running.size() >= window) {
            takeOldest();
        }
        running.add(pool.submit(work));
    }

    /** Waits for everything submitted so far. */
    void drain() throws IOException {
        while (!running.isEmpty()) {
            takeOldest();
        }
    }

    @Override
    public void close() {
        pool.shutdownNow();
        boolean interrupted = false;
        while (!pool.isTerminated()) {
            try {
                pool.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void takeOldest() throws IOException {
        try {
            sink.take(running.remove().get());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading images", e);
        }
    }
}
