package org.capi.data.source;

/**
 * What an import does about images that cannot be read.
 *
 * @param maxSkipped the largest part of the images that may be left out, from 0 to 1
 * @param threads the threads that read and check images
 */
public record ImportOptions(OnError onError, double maxSkipped, int threads) {

    /** What happens at an image that cannot be read. */
    public enum OnError {
        /** It is left out, counted and named. */
        SKIP,
        /** The import stops. */
        FAIL
    }

    public ImportOptions {
        if (!(maxSkipped >= 0 && maxSkipped <= 1)) {
            throw new IllegalArgumentException("--max-skipped must be from 0 to 1, was " + maxSkipped);
        }
        if (threads < 1) {
            throw new IllegalArgumentException("an import needs at least 1 thread, was " + threads);
        }
    }

    /** Leaves out at most this part of the images, and works on every core. */
    public static ImportOptions skipping(double maxSkipped) {
        return new ImportOptions(OnError.SKIP, maxSkipped, Runtime.getRuntime().availableProcessors());
    }

    /** Stops at the first image that cannot be read, and works on every core. */
    public static ImportOptions strict() {
        return new ImportOptions(OnError.FAIL, 0, Runtime.getRuntime().availableProcessors());
    }
}
