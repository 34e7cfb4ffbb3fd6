package org.capi.data.batch;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.capi.data.OrderedExecutor;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.batch.Samples.Sample;
import org.capi.data.image.ImageKernels;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/**
 * The batches of a training run, in order, prefetched by worker threads.
 *
 * <p>A batch depends on the images, the settings (but not their threads and queue depth) and its position in the stream
 * alone, so a stream that is opened at the {@link #state} of another continues exactly as that would have.
 */
public final class BatchStream implements AutoCloseable {

    private final BatchSettings settings;
    private final ImageKernels kernels = new ImageKernels();
    private final Samples samples;
    private final OrderedExecutor<Integer> rows;
    private final Queue<PendingBatch> pending = new ArrayDeque<>();
    private final StreamState start;
    private final long firstStep;
    private long nextStep;
    private int rowsReady; // of the next batch
    private long waitedNanos;
    private volatile boolean closed;

    private BatchStream(Images images, BatchSettings settings, StreamState start, long firstStep) {
        this.settings = settings;
        this.samples = new Samples(images, settings, kernels);
        this.rows = new OrderedExecutor<>(settings.threads(), "batch");
        this.start = start;
        this.firstStep = firstStep;
        this.nextStep = firstStep;
        while (pending.size() < settings.queueDepth()) {
            prefetch();
        }
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
     * @param start where the stream continues; refused when it is that of another seed or number of images
     * @param firstStep the number of the first batch
     */
    public static BatchStream open(Images images, BatchSettings settings, StreamState start, long firstStep) {
        start.check(settings.seed(), images.size());
        return new BatchStream(images, settings, start, firstStep);
    }

    /** Waits for the next batch, which is the caller's to close. */
    public Batch next() {
        if (closed) {
            throw new IllegalStateException("the stream of batches is closed");
        }
        long started = System.nanoTime();
        try {
            pending.element().rowsLeft.await(); // one wait for the batch, not one for each row
            while (rowsReady < settings.batchSize()) {
                rows.take();
                rowsReady++;
            }
            Batch batch = pending.remove().toBatch();
            rowsReady = 0;
            nextStep++;
            prefetch();
            return batch;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException("batch of step " + nextStep + ": " + cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the batch of step " + nextStep, e);
        } finally {
            waitedNanos += System.nanoTime() - started;
        }
    }

    /** The state after the batches that were taken, for checkpoints. */
    public StreamState state() {
        return start.after((nextStep - firstStep) * settings.globalBatchSize());
    }

    /** The time spent in all calls of {@link #next}. */
    public double waitedSeconds() {
        return waitedNanos / 1e9;
    }

    /** How many images of the dataset could not be read and were replaced. */
    public long unreadableImages() {
        return samples.unreadable();
    }

    /** Stops the threads and frees the batches that were not taken. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        rows.close();
        pending.forEach(batch -> batch.images.close());
        pending.clear();
        kernels.close();
    }

    private void prefetch() {
        long number = nextStep - firstStep + pending.size();
        var batch = new PendingBatch(firstStep + number, settings);
        pending.add(batch);
        for (int i = 0; i < settings.batchSize(); i++) {
            int row = i;
            rows.submit(() -> {
                try {
                    batch.put(row, samples.at(start.samples() + settings.position(number, row)));
                    return row;
                } finally {
                    batch.rowsLeft.countDown();
                }
            });
        }
    }

    /** A batch whose rows are being filled, each by one thread. */
    private static final class PendingBatch {

        private final long step;
        private final TUint8 images;
        private final long[] visible;
        private final long[] predicted;
        private final int tokens;
        private final CountDownLatch rowsLeft;

        PendingBatch(long step, BatchSettings settings) {
            var counts = settings.counts();
            int batchSize = settings.batchSize();
            this.step = step;
            this.tokens = counts.tokens();
            this.images = TUint8.tensorOf(Shape.of(batchSize, settings.height(), settings.width(), 3));
            this.visible = new long[batchSize * counts.visible()];
            this.predicted = new long[batchSize * counts.predicted()];
            this.rowsLeft = new CountDownLatch(batchSize);
        }

        void put(int row, Sample sample) {
            byte[] bytes = sample.crop().toArray();
            images.asRawTensor().data().offset((long) row * bytes.length).write(bytes);
            copy(sample.visible(), visible, row);
            copy(sample.predicted(), predicted, row);
        }

        Batch toBatch() {
            return new Batch(images, tensor(visible), tensor(predicted), step);
        }

        /** Writes an image's positions as positions in the grid of the whole batch. */
        private void copy(List<Long> positions, long[] all, int row) {
            int to = row * positions.size();
            for (long position : positions) {
                all[to++] = (long) row * tokens + position;
            }
        }

        private static TInt64 tensor(long[] positions) {
            return TInt64.tensorOf(Shape.of(positions.length), DataBuffers.of(positions, true, false));
        }
    }
}
