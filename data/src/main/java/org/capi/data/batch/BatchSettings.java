package org.capi.data.batch;

import org.capi.data.Require;
import org.capi.data.image.CropBox.RandomResizedCrop;
import org.capi.data.mask.MaskGenerator;
import org.capi.data.mask.MaskGenerator.MaskCounts;

/**
 * All that a stream of batches depends on besides the dataset.
 *
 * @param batchSize the images of this worker's batches
 * @param cropScaleMin the smallest fraction of an image's area that a crop holds
 * @param flip whether every second image, at random, is mirrored
 * @param maskRatio the fraction of the patches that is masked
 * @param predictionSubsampling the fraction of the masked patches that is predicted
 * @param seed the seed of every draw
 * @param threads the threads that decode and crop; they do not change the batches
 * @param queueDepth the batches that are prefetched
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
        Require.atLeastOne("batch_size", batchSize);
        Require.atLeastOne("patch_size", patchSize);
        Require.atLeastOne("data.threads", threads);
        Require.atLeastOne("the queue's depth", queueDepth);
        Require.atLeastOne("the number of workers", world);
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

    public int rows() {
        return height / patchSize;
    }

    public int columns() {
        return width / patchSize;
    }

    public MaskCounts counts() {
        return MaskCounts.forTraining(rows() * columns(), maskRatio, predictionSubsampling);
    }

    /** The images of all workers' batches of one step. */
    public long globalBatchSize() {
        return (long) batchSize * world;
    }

    /** The position, among the samples of all workers from batch 0, of a row of one of this worker's batches. */
    public long position(long batch, int row) {
        return batch * globalBatchSize() + (long) rank * batchSize + row;
    }

    private static void wholePatches(String side, int length, int patchSize) {
        if (length < patchSize || length % patchSize != 0) {
            throw new IllegalArgumentException("image_size: the " + side + " of " + length
                    + " pixels must be a multiple of patch_size, " + patchSize);
        }
    }
}
