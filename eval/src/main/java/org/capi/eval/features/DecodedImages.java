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

    /** Makes of an encoded image the pixels that are wanted of it. */
    @FunctionalInterface
    public interface View {

        /** Decodes, crops, resizes. */
        Pixels of(ImageKernels kernels, ImageRecord image) throws IOException;
    }

    /** Makes pixels of an image for one of several places in a stream. */
    @FunctionalInterface
    public interface PlacedView {

        /** Decodes, crops, resizes. */
        Pixels of(ImageKernels kernels, ImageRecord image, long place) throws IOException;
    }

    /** An image with its name and label. */
    public record Decoded(String name, int label, Pixels pixels) {}

    private static final int AHEAD_OF_EACH_THREAD = 16;

    private final ImageDataset dataset;
    private final PlacedView view;
    private final LongUnaryOperator rows;
    private final long count;
    private final int ahead;
    private final ImageKernels kernels = new ImageKernels();
    private final ExecutorService workers;
    private final Queue<Future<Decoded>> pending = new ArrayDeque<>();
    private long submitted;

    /**
     * Begins to decode {@code count} images spread evenly over the dataset; all of them if it has no more. Each is
     * taken one place further into its part, so that a dataset in which classes take turns shows them all.
     */
    public DecodedImages(ImageDataset dataset, View view, long count, int threads) {
        this(
                dataset,
                (kernels, image, place) -> view.of(kernels, image),
                place -> spread(place, Math.min(count, dataset.size()), dataset.size()),
                Math.min(count, dataset.size()),
                threads);
    }

    /**
     * Begins to decode {@code count} images.
     *
     * @param rows the row of the dataset at each place, from 0 to {@code count - 1}
     */
    public DecodedImages(ImageDataset dataset, PlacedView view, LongUnaryOperator rows, long count, int threads) {
        this.dataset = dataset;
        this.view = view;
        this.rows = rows;
        this.count = count;
        this.ahead = AHEAD_OF_EACH_THREAD * threads;
        this.workers = Executors.newFixedThreadPool(threads, DecodedImages::daemon);
        submit();
    }

    /** Whether there is another image. */
    public boolean hasNext() {
        return !pending.isEmpty();
    }

    /** The next image, waiting for it if need be. */
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
            long place = submitted++;
            pending.add(workers.submit(() -> decode(place)));
        }
    }

    private static long spread(long place, long count, long size) {
        return place * size / count + place % (size / count);
    }

    private Decoded decode(long place) throws IOException {
        ImageRecord image = dataset.get(rows.applyAsLong(place));
        try {
            return new Decoded(image.name(), image.label(), view.of(kernels, image, place));
        } catch (IOException e) {
            throw new IOException("the image " + image.name() + " of " + dataset.folder() + ": " + e.getMessage(), e);
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "decode");
        thread.setDaemon(true);
        return thread;
    }
}
