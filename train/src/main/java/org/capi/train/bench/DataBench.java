package org.capi.train.bench;

import java.io.IOException;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.batch.Batch;
import org.capi.data.batch.BatchSettings;
import org.capi.data.batch.BatchStream;
import org.capi.data.mask.Edges;
import org.capi.data.mask.InverseBlock;

/**
 * Times the way from a dataset to training batches, without training.
 *
 * @param size the height and width of a crop
 * @param batchSize images of a batch
 * @param threads the threads of the stream of batches
 * @param images how many images are timed, rounded up to whole batches
 */
public record DataBench(int size, int batchSize, int threads, int images) {

    private static final double MIN_CROP = 0.6;
    private static final double MIN_ASPECT = 0.5;
    private static final double MASKED = 0.65;
    private static final double PREDICTED = 0.05;
    private static final int[] PATCHES = {16, 14, 8, 4, 2, 1};
    private static final int QUEUED_BATCHES = 4;
    private static final int WARM_UP = 3;
    private static final long SEED = 1;

    /** Checks the numbers. */
    public DataBench {
        if (size < PATCHES[0] || batchSize < 1 || threads < 1 || images < 1) {
            throw new IllegalArgumentException("size must be at least " + PATCHES[0]
                    + ", batch, threads and images at least 1; were " + size + ", " + batchSize + ", " + threads
                    + " and " + images);
        }
    }

    /** Runs and measures. */
    public DataTimes run(ImageDataset dataset, Progress progress) throws IOException {
        double rate = stream(dataset, progress);
        return new DataTimes(
                size,
                batchSize,
                threads,
                rate,
                ShardReading.gigabytesPerSecond(dataset),
                new DataStages(size).of(dataset));
    }

    /** Images per second of the stream, after a few batches that are not counted. */
    private double stream(ImageDataset dataset, Progress progress) {
        int warmUp = Math.max(WARM_UP, QUEUED_BATCHES + 1);
        int batches = (images + batchSize - 1) / batchSize;
        try (BatchStream stream = BatchStream.open(dataset, settings(), 0)) {
            for (int i = 0; i < warmUp; i++) {
                take(stream);
            }
            long start = System.nanoTime();
            for (int i = 0; i < batches; i++) {
                take(stream);
                progress.at(i + 1L, batches);
            }
            return (double) batches * batchSize * 1e9 / (System.nanoTime() - start);
        }
    }

    private static void take(BatchStream stream) {
        try (Batch batch = stream.next()) {
            batch.step();
        }
    }

    private BatchSettings settings() {
        return new BatchSettings(
                batchSize,
                size,
                size,
                patch(),
                MIN_CROP,
                1,
                true,
                new InverseBlock(MIN_ASPECT, Edges.ROLLED),
                MASKED,
                PREDICTED,
                SEED,
                threads,
                QUEUED_BATCHES,
                0,
                1);
    }

    private int patch() {
        for (int patch : PATCHES) {
            if (size % patch == 0) {
                return patch;
            }
        }
        throw new AssertionError("every size is a multiple of 1");
    }
}
