package org.capi.data.batch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.image.ImageKernels;

/**
 * The batches of a training run, in order, made ahead of time by worker threads.
 *
 * <p>A batch depends on the images, the settings (but not their threads and queue depth) and its place in the stream
 * alone, so a stream that is opened at the {@link #state} of another goes on as if that had never stopped.
 */
public final class BatchStream implements AutoCloseable {

    private final BatchSettings settings;
    private final ImageKernels kernels = new ImageKernels();
    private final Samples samples;
    private final ConcurrentHashMap<Long, PendingBatch> pending = new ConcurrentHashMap<>();
    private final Semaphore rowsAhead;
    private final AtomicLong nextRow = new AtomicLong();
    private final List<Thread> workers = new ArrayList<>();
    private final StreamState start;
    private final long firstStep;
    private long nextStep;
    private long waitedNanos;
    private volatile boolean closed;

    private BatchStream(Images images, BatchSettings settings, StreamState start, long firstStep) {
        this.settings = settings;
        this.samples = new Samples(images, settings, kernels);
        this.rowsAhead = new Semaphore(Math.multiplyExact(settings.queueDepth(), settings.batchSize()));
        this.start = start;
        this.firstStep = firstStep;
        this.nextStep = firstStep;
    }

    /** As the other, over the images of one dataset, where the batches before the first step would have ended. */
    public static BatchStream open(ImageDataset dataset, BatchSettings settings, long firstStep) {
        if (firstStep < 0) {
            throw new IllegalArgumentException("the first step must be at least 0, was " + firstStep);
        }
        var start = StreamState.start(settings.seed(), dataset.size());
        return open(Images.of(dataset), settings, start.after(firstStep * settings.globalBatchSize()), firstStep);
    }

    /**
     * Starts the worker threads; the images stay the caller's to close, after this stream.
     *
     * @param start where the stream goes on; refused when it is that of another seed or number of images
     * @param firstStep the number of the first batch
     */
    public static BatchStream open(Images images, BatchSettings settings, StreamState start, long firstStep) {
        start.check(settings.seed(), images.size());
        var stream = new BatchStream(images, settings, start, firstStep);
        for (int w = 0; w < settings.threads(); w++) {
            var worker = new Thread(stream::work, "batch-" + w);
            worker.setDaemon(true);
            stream.workers.add(worker);
        }
        stream.workers.forEach(Thread::start);
        return stream;
    }

    /** Waits for the next batch, which is the caller's to close. */
    public Batch next() {
        if (closed) {
            throw new IllegalStateException("the stream of batches is closed");
        }
        long start = System.nanoTime();
        long step = nextStep;
        try {
            Batch batch = batch(step).ready().get();
            pending.remove(step);
            nextStep++;
            rowsAhead.release(settings.batchSize());
            return batch;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException("batch of step " + step + ": " + cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the batch of step " + step, e);
        } finally {
            waitedNanos += System.nanoTime() - start;
        }
    }

    /** Where the stream stands after the batches that were taken: what a checkpoint keeps. */
    public StreamState state() {
        return start.after((nextStep - firstStep) * settings.globalBatchSize());
    }

    /** How long {@link #next} has waited, all calls together. */
    public double waitedSeconds() {
        return waitedNanos / 1e9;
    }

    /** How many images of the dataset could not be read and were replaced. */
    public long unreadableImages() {
        return samples.unreadable();
    }

    /** Stops the threads and frees the batches that nobody took. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        workers.forEach(Thread::interrupt);
        for (Thread worker : workers) {
            join(worker);
        }
        pending.values().forEach(PendingBatch::discard);
        pending.clear();
        kernels.close();
    }

    private void work() {
        while (!closed) {
            try {
                rowsAhead.acquire();
            } catch (InterruptedException e) {
                return; // closed
            }
            long row = nextRow.getAndIncrement();
            long batchNumber = row / settings.batchSize();
            int rowInBatch = (int) (row % settings.batchSize());
            PendingBatch batch = batch(firstStep + batchNumber);
            try {
                batch.put(rowInBatch, samples.at(start.samples() + settings.position(batchNumber, rowInBatch)));
            } catch (IOException | RuntimeException | Error e) {
                batch.fail(e);
            }
        }
    }

    private PendingBatch batch(long step) {
        return pending.computeIfAbsent(step, s -> new PendingBatch(s, settings));
    }

    private static void join(Thread worker) {
        boolean interrupted = false;
        while (worker.isAlive()) {
            try {
                worker.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
