package org.capi.data.batch;

import org.capi.data.image.RandomResizedCrop;
import org.capi.data.mask.MaskCounts;
import org.capi.data.mask.MaskGenerator;

/**
 * All that a stream of batches depends on besides the dataset.
 *
 * @param batchSize the images of this worker's batches
 * @param cropScaleMin the least part of an image's area that a crop holds
 * @param flip whether every second image, at random, is mirrored
 * @param maskRatio the part of the patches that is masked
 * @param predictionSubsampling the part of the masked patches that is predicted
 * @param seed what every draw is derived from
 * @param threads the threads that decode and crop; they do not change the batches
 * @param queueDepth the batches that may be ready or in work ahead of the reader
 * @param rank this worker's number, from 0
 * @param world the number of workers
 */
public record BatchSettings(
        int batchSize,
        int height,
        int width,
        int patchSize,
        double cropScaleMin,
        double cropScaleMax,
        boolean flip,
        MaskGenerator mask,
        double maskRatio,
        double predictionSubsampling,
        long seed,
        int threads,
        int queueDepth,
        int rank,
        int world) {

    public BatchSettings {
        atLeastOne("batch_size", batchSize);
        atLeastOne("patch_size", patchSize);
        atLeastOne("data.threads", threads);
        atLeastOne("the queue's depth", queueDepth);
        atLeastOne("the number of workers", world);
        wholePatches("height", height, patchSize);
        wholePatches("width", width, patchSize);
        if (rank < 0 || rank >= world) {
            throw new IllegalArgumentException("the worker's rank must be from 0 to " + (world - 1) + ", was " + rank);
        }
        new RandomResizedCrop(cropScaleMin, cropScaleMax);
        int rows = height / patchSize;
        int columns = width / patchSize;
        mask.check(
                rows,
                columns,
                MaskCounts.forTraining(rows * columns, maskRatio, predictionSubsampling)
                        .masked());
    }

    /** The patch rows of an image. */
    public int rows() {
        return height / patchSize;
    }

    /** The patch columns of an image. */
    public int columns() {
        return width / patchSize;
    }

    /** How many patches of every image are visible, masked and predicted. */
    public MaskCounts counts() {
        return MaskCounts.forTraining(rows() * columns(), maskRatio, predictionSubsampling);
    }

    /** The images of all workers' batches of one step. */
    public long globalBatchSize() {
        return (long) batchSize * world;
    }

    /** Where in the samples of all workers a row of one of this worker's batches lies, counted from batch 0. */
    public long position(long batch, int row) {
        return batch * globalBatchSize() + (long) rank * batchSize + row;
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1, was " + value);
        }
    }

    private static void wholePatches(String side, int length, int patchSize) {
        if (length < patchSize || length % patchSize != 0) {
            throw new IllegalArgumentException("image_size: the " + side + " of " + length
                    + " pixels must be a multiple of patch_size, " + patchSize);
        }
    }
}
