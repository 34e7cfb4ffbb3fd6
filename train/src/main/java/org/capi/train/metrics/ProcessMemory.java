package org.capi.train.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory of this process.
 *
 * @param residentBytes as Linux counts them; 0 where it does not say
 * @param heapBytes used in the Java heap
 */
public record ProcessMemory(long residentBytes, long heapBytes) {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    private static final String ANONYMOUS = "RssAnon:";

    /** What it is now. */
    public static ProcessMemory now() {
        Runtime runtime = Runtime.getRuntime();
        return new ProcessMemory(status(RESIDENT), runtime.totalMemory() - runtime.freeMemory());
    }

    /** Resident memory that is no page of a file, so that nothing but swapping frees it; 0 where it is not known. */
    public static long anonymousBytes() {
        return status(ANONYMOUS);
    }

    private static long status(String key) {
        try {
            for (String line : Files.readAllLines(STATUS)) {
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
