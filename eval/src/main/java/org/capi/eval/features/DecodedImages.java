package org.capi.eval.features;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.Pixels;

/** The images of a dataset in order, decoded ahead of their use on worker threads. */
public final class DecodedImages implements AutoCloseable {

    /** Decodes, crops, resizes; the crop may depend on the image's position in the stream. */
    @FunctionalInterface
    public interface View {
        Pixels of(ImageKernels kernels, ImageRecord image, long position) throws IOException;
    }

    public record Decoded(String name, int label, Pixels pixels) {}

    private static final int AHEAD_OF_EACH_THREAD = 16;

    private final ImageDataset dataset;
    private final View view;
    private final LongUnaryOperator rows;
    private final long count;
    private final int ahead;
    private final ImageKernels kernels = new ImageKernels();
    private final ExecutorService workers;
    private final Queue<Future<Decoded>> pending = new ArrayDeque<>();
    private long submitted;

    /**
     * Decodes {@code count} images spread evenly over the dataset, at most all of them. Each is taken one row further
     * into its part, so that a dataset in which classes alternate shows them all.
     */
    public DecodedImages(ImageDataset dataset, View view, long count, int threads) {
        this(
                dataset,
                view,
                position -> spread(position, Math.min(count, dataset.size()), dataset.size()),
                Math.min(count, dataset.size()),
                threads);
    }

    /**
     * Decodes {@code count} images.
     *
     * @param rows the row of the dataset for each position from 0 to {@code count - 1}
     */
    public DecodedImages(ImageDataset dataset, View view, LongUnaryOperator rows, long count, int threads) {
        this.dataset = dataset;
        this.view = view;
        this.rows = rows;
        this.count = count;
        this.ahead = AHEAD_OF_EACH_THREAD * threads;
        this.workers = Executors.newFixedThreadPool(threads, work -> {
            Thread thread = new Thread(work, "decode");
            thread.setDaemon(true);
            return thread;
        });
        submit();
    }

    public boolean hasNext() {
        return !pending.isEmpty();
    }

    public Decoded next() throws IOException {
        Future<Decoded> head = pending.remove();
        submit();
        try {
            return head.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException("an image could not be decoded: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("stopped while images were decoded", e);
        }
    }

    /** Does not interrupt a running task: an interrupt closes the channels of the dataset's files. */
    @Override
    public void close() {
        pending.forEach(image -> image.cancel(false));
        workers.shutdown();
        boolean interrupted = false;
        while (!workers.isTerminated()) {
            try {
                workers.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        kernels.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void submit() {
        while (submitted < count && pending.size() < ahead) {
            long position = submitted++;
            pending.add(workers.submit(() -> decode(position)));
        }
    }

    private static long spread(long position, long count, long size) {
        return position * size / count + position % (size / count);
    }

    private Decoded decode(long position) throws IOException {
        ImageRecord image = dataset.get(rows.applyAsLong(position));
        try {
            return new Decoded(image.name(), image.label(), view.of(kernels, image, position));
        } catch (IOException e) {
            throw new IOException("the image " + image.name() + " of " + dataset.folder() + ": " + e.getMessage(), e);
        }
    }
}
