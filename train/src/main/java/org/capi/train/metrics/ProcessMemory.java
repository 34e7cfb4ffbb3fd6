package org.capi.train.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory of this process, as Linux counts it.
 *
 * @param residentBytes 0 where it is not known
 * @param heapBytes used in the Java heap
 */
public record ProcessMemory(long residentBytes, long heapBytes) {

    private static final Path CLEAR = Path.of("/proc/self/clear_refs");

    public static ProcessMemory now() {
        Runtime runtime = Runtime.getRuntime();
        return new ProcessMemory(status("VmRSS:"), runtime.totalMemory() - runtime.freeMemory());
    }

    /** Resident memory that is no page of a file, so that nothing but swapping frees it; 0 where it is not known. */
    public static long anonymousBytes() {
        return status("RssAnon:");
    }

    /** The most resident bytes since the start, or since {@link #resetPeak}; 0 where it is not known. */
    public static long peakBytes() {
        return status("VmHWM:");
    }

    /** Starts the peak again at what is resident now. */
    public static void resetPeak() throws IOException {
        Files.writeString(CLEAR, "5");
    }

    private static long status(String key) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith(key)) {
                    String kibibytes = line.substring(key.length()).replace("kB", "");
                    return Long.parseLong(kibibytes.strip()) << 10;
                }
            }
        } catch (IOException | NumberFormatException e) {
            return 0; // not Linux, or no file handle left
        }
        return 0;
    }
}
