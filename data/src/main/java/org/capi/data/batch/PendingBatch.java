package org.capi.data.batch;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/** A batch whose rows are being filled, each by one thread. */
final class PendingBatch {

    private final long step;
    private final TUint8 images;
    private final long[] visible;
    private final long[] predicted;
    private final int tokens;
    private final AtomicInteger missing;
    private final CompletableFuture<Batch> ready = new CompletableFuture<>();

    PendingBatch(long step, BatchSettings settings) {
        var counts = settings.counts();
        this.step = step;
        int batchSize = settings.batchSize();
        this.tokens = counts.tokens();
        this.images = TUint8.tensorOf(Shape.of(batchSize, settings.height(), settings.width(), 3));
        this.visible = new long[batchSize * counts.visible()];
        this.predicted = new long[batchSize * counts.predicted()];
        this.missing = new AtomicInteger(batchSize);
    }

    /** Takes a finished row; the last one completes the batch. */
    void put(int row, Sample sample) {
        byte[] bytes = sample.crop().toArray();
        images.asRawTensor().data().offset((long) row * bytes.length).write(bytes);
        copy(sample.visible(), visible, row);
        copy(sample.predicted(), predicted, row);
        if (missing.decrementAndGet() == 0) {
            var batch = new Batch(images, tensor(visible), tensor(predicted), step);
            if (!ready.complete(batch)) {
                batch.close();
            }
        }
    }

    /** Gives up: whoever waits for the batch gets the failure. */
    void fail(Throwable failure) {
        ready.completeExceptionally(failure);
    }

    CompletableFuture<Batch> ready() {
        return ready;
    }

    /** Frees what nobody took; only when no thread fills rows any more. */
    void discard() {
        if (ready.isDone() && !ready.isCompletedExceptionally()) {
            ready.join().close();
        } else {
            images.close();
        }
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
