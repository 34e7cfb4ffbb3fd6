package org.capi.train.bench;

import java.util.List;

/**
 * What {@link DataBench} measured.
 *
 * @param imagesPerSecond of the stream of batches
 * @param readGigabytesPerSecond of one thread that reads encoded images and checks them, and decodes nothing
 * @param stages one thread's time for an image, part by part
 */
public record DataTimes(
        int size,
        int batchSize,
        int threads,
        double imagesPerSecond,
        double readGigabytesPerSecond,
        List<Stage> stages) {

    /** A part of the way, and how long it takes for one image. */
    public record Stage(String name, double milliseconds) {}

    /** Copies the list. */
    public DataTimes {
        stages = List.copyOf(stages);
    }
}
