package org.capi.train.bench;

import java.io.IOException;
import org.capi.data.arrow.ImageDataset;

/** Times one thread that reads every image of a dataset as it is stored, checksum included. */
final class ShardReading {

    private static final double LEAST_BYTES = 2e9;

    private ShardReading() {}

    /** The rate from memory: the first pass over the dataset fetches it from the disk and is not counted. */
    static double gigabytesPerSecond(ImageDataset dataset) throws IOException {
        pass(dataset);
        long bytes = 0;
        long start = System.nanoTime();
        while (bytes < LEAST_BYTES) {
            bytes += pass(dataset);
        }
        return (double) bytes / (System.nanoTime() - start);
    }

    private static long pass(ImageDataset dataset) throws IOException {
        long bytes = 0;
        for (long row = 0; row < dataset.size(); row++) {
            bytes += dataset.get(row).encoded().remaining();
        }
        return bytes;
    }
}
