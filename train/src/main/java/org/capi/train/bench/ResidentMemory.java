package org.capi.train.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process holds of the machine's memory, as Linux counts it. */
final class ResidentMemory {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final long KIBIBYTE = 1024;

    private ResidentMemory() {}

    /** Bytes now. */
    static long now() throws IOException {
        return field("VmRSS:");
    }

    /** The most bytes since the start, or since {@link #forgetPeak}. */
    static long peak() throws IOException {
        return field("VmHWM:");
    }

    /** Lets the peak begin again at what is held now. */
    static void forgetPeak() throws IOException {
        Files.writeString(CLEAR, "5");
    }

    private static long field(String name) throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith(name)) {
                return KIBIBYTE
                        * Long.parseLong(
                                line.substring(name.length()).replace("kB", "").strip());
            }
        }
        throw new IOException(STATUS + " has no line " + name);
    }
}
