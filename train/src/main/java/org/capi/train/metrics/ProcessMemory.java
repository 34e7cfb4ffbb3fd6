package org.capi.train.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The memory of this process. What Linux alone counts is null on another system, and where {@code /proc} cannot be read.
 *
 * @param residentBytes in memory, of all that the process has
 * @param heapBytes used in the Java heap
 */
public record ProcessMemory(@Nullable Long residentBytes, long heapBytes) {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");

    public static ProcessMemory now() {
        Runtime runtime = Runtime.getRuntime();
        return new ProcessMemory(bytes(STATUS, "VmRSS:"), runtime.totalMemory() - runtime.freeMemory());
    }

    /** Resident memory that is no page of a file, so that nothing but swapping frees it. */
    public static @Nullable Long anonymousBytes() {
        return bytes(STATUS, "RssAnon:");
    }

    /** The most resident bytes since the start, or since {@link #resetPeak}. */
    public static @Nullable Long peakBytes() {
        return bytes(STATUS, "VmHWM:");
    }

    /** Starts the peak again at what is resident now; false where that is not possible. */
    public static boolean resetPeak() {
        try {
            Files.writeString(CLEAR, "5");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The number of kibibytes that a file gives for a key, in bytes; null where it gives none. */
    static @Nullable Long bytes(Path status, String key) {
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith(key)) {
                    String kibibytes = line.substring(key.length()).replace("kB", "");
                    return Long.parseLong(kibibytes.strip()) << 10;
                }
            }
        } catch (IOException | NumberFormatException e) {
            return null; // not Linux, or no file handle left
        }
        return null;
    }
}
