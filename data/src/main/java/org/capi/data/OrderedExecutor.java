package org.capi.data;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A pool of daemon threads whose results are taken in the order of submission. One thread submits and takes; it bounds
 * the memory by {@link #pending}.
 */
public final class OrderedExecutor<T> implements AutoCloseable {

    private final ExecutorService pool;
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final Queue<Future<T>> results = new ArrayDeque<>();

    /** Threads called {@code name-0}, {@code name-1}, ... */
    public OrderedExecutor(int threads, String name) {
        this.pool = Executors.newFixedThreadPool(threads, work -> {
            var thread = new Thread(work, name + "-" + this.threads.size());
            thread.setDaemon(true);
            this.threads.add(thread);
            return thread;
        });
    }

    public void submit(Callable<T> task) {
        results.add(pool.submit(task));
    }

    /** The tasks that were submitted and whose results were not taken. */
    public int pending() {
        return results.size();
    }

    /** Waits for the oldest result; after a failure or an interrupt it stays the oldest. */
    public T take() throws ExecutionException, InterruptedException {
        T result = results.element().get();
        results.remove();
        return result;
    }

    /** Interrupts the running tasks, drops the others and waits for the threads to end. */
    @Override
    public void close() {
        pool.shutdownNow();
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
