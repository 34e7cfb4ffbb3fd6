package org.capi.savedmodels;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads and encodes batches of images before they are needed. A batch is read by one thread, then encoded by
 * another; a new one is submitted when the results of an older one are taken.
 */
final class EncodingAhead<T> implements Iterator<Encoded<T>>, AutoCloseable {

    /** Batches that are submitted before the results of the current one are used up. */
    static final int AHEAD = 2;

    /** Encodes a batch that was read. */
    interface Batches<T> {
        List<Encoded<T>> encode(List<Encoded.File<T>> batch);
    }

    private final Batches<T> encoder;
    private final Iterator<? extends T> items;
    private final Encoded.Reader<? super T> reader;
    private final int batchSize;
    private final ExecutorService reading = Executors.newSingleThreadExecutor(task -> daemon(task, "capi-read"));
    private final ExecutorService encoding = Executors.newSingleThreadExecutor(task -> daemon(task, "capi-encode"));
    private final Deque<Future<List<Encoded<T>>>> submitted = new ArrayDeque<>();
    private Iterator<Encoded<T>> current = List.<Encoded<T>>of().iterator();
    private boolean ended;
    private @Nullable RuntimeException pending; // of the iterator or the reader; of the reading thread

    EncodingAhead(Batches<T> encoder, Iterator<? extends T> items, Encoded.Reader<? super T> reader, int batchSize) {
        this.encoder = encoder;
        this.items = items;
        this.reader = reader;
        this.batchSize = batchSize;
    }

    Stream<Encoded<T>> stream() {
        int traits = Spliterator.ORDERED | Spliterator.NONNULL;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, traits), false)
                .onClose(this::close);
    }

    @Override
    public boolean hasNext() {
        while (!ended && !current.hasNext()) {
            while (submitted.size() < AHEAD) {
                submit();
            }
            List<Encoded<T>> batch = take();
            current = batch.iterator();
            if (batch.isEmpty()) {
                close();
            } else {
                submit();
            }
        }
        return !ended;
    }

    @Override
    public Encoded<T> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return current.next();
    }

    private void submit() {
        Future<List<Encoded.File<T>>> read = reading.submit(this::read);
        submitted.add(encoding.submit(() -> encoder.encode(read.get())));
    }

    /** The next files; none at the end. What is thrown after some were read is thrown by the next call. */
    private List<Encoded.File<T>> read() {
        if (pending != null) {
            throw pending;
        }
        List<Encoded.File<T>> batch = new ArrayList<>();
        try {
            while (batch.size() < batchSize && items.hasNext()) {
                batch.add(Encoded.File.read(items.next(), reader));
            }
        } catch (RuntimeException e) {
            if (batch.isEmpty()) {
                throw e;
            }
            pending = e;
        }
        return batch;
    }

    private List<Encoded<T>> take() {
        try {
            return submitted.remove().get();
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while images were encoded");
        } catch (ExecutionException e) {
            close();
            Throwable cause = e.getCause() instanceof ExecutionException read ? read.getCause() : e.getCause();
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(cause);
        }
    }

    /** Stops both threads and waits for them, so that the encoder can be closed. */
    @Override
    public void close() {
        ended = true;
        submitted.clear();
        current = List.<Encoded<T>>of().iterator();
        reading.shutdownNow();
        encoding.shutdownNow();
        boolean interrupted = false;
        while (true) {
            try {
                if (encoding.awaitTermination(1, TimeUnit.DAYS) && reading.awaitTermination(1, TimeUnit.DAYS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static Thread daemon(Runnable task, String name) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
