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

    /** What it is now. */
    public static ProcessMemory now() {
        Runtime runtime = Runtime.getRuntime();
        return new ProcessMemory(resident(), runtime.totalMemory() - runtime.freeMemory());
    }

    private static long resident() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(RESIDENT)) {
                    String kibibytes = line.substring(RESIDENT.length()).replace("kB", "");
                    return Long.parseLong(kibibytes.strip()) << 10;
                }
            }
        } catch (IOException | NumberFormatException e) {
            return 0; // not Linux, or no file handle left
        }
        return 0;
    }
}
