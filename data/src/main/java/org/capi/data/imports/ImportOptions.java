package org.capi.data.imports;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.capi.data.Require;
import org.capi.data.arrow.SplitWriter;
import org.capi.data.image.ImageHeader;

/**
 * How images are imported.
 *
 * @param maxSkipped the largest fraction of the images that may be skipped, from 0 to 1
 * @param maxPixels the most pixels of an image that is decoded
 * @param ignored the values of label maps that stand for no class
 * @param shardBytes the size at which a new shard begins
 * @param threads the threads that read and check images
 */
public record ImportOptions(
        OnError onError, double maxSkipped, long maxPixels, Set<Integer> ignored, long shardBytes, int threads) {

    public enum OnError {
        SKIP,
        FAIL
    }

    public ImportOptions {
        if (!(maxSkipped >= 0 && maxSkipped <= 1)) {
            throw new IllegalArgumentException("--max-skipped must be from 0 to 1, was " + maxSkipped);
        }
        Require.atLeastOne("--max-pixels", maxPixels);
        if (shardBytes < 1) {
            throw new IllegalArgumentException("a shard needs at least 1 byte, was " + shardBytes);
        }
        if (threads < 1) {
            throw new IllegalArgumentException("an import needs at least 1 thread, was " + threads);
        }
        ignored = Collections.unmodifiableSet(new TreeSet<>(ignored));
        for (int label : ignored) {
            if (label < 0 || label > 255) {
                throw new IllegalArgumentException(
                        "--ignore takes values of label maps, which are from 0 to 255, was " + label);
            }
        }
    }

    /** Skips at most this fraction of the images, and uses every core. */
    public static ImportOptions skipping(double maxSkipped) {
        return new ImportOptions(
                OnError.SKIP,
                maxSkipped,
                ImageHeader.MAX_PIXELS,
                Set.of(),
                SplitWriter.SHARD_BYTES,
                Runtime.getRuntime().availableProcessors());
    }

    /** Stops at the first image that cannot be read, and uses every core. */
    public static ImportOptions strict() {
        var options = skipping(0);
        return new ImportOptions(
                OnError.FAIL, 0, options.maxPixels, options.ignored, options.shardBytes, options.threads);
    }

    /** The same with other values of label maps that stand for no class. */
    public ImportOptions ignoring(Set<Integer> labels) {
        return new ImportOptions(onError, maxSkipped, maxPixels, labels, shardBytes, threads);
    }
}
