package org.capi.data.imports;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.DatasetInfo.Skipped;
import org.jspecify.annotations.Nullable;

/** What a split leaves out and why: all of it in a file, its reasons counted, and the first few kept to be shown. */
final class Skips implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(Skips.class);

    private static final int EXAMPLES = 20;

    private final Path file;
    private final SkipLimit limit;
    private final Map<String, Long> reasons;
    private final List<String> examples;
    private @Nullable FileChannel channel;
    private long images;
    private long bytes;

    /** Goes on after what the first so many bytes of the file in a folder name. */
    Skips(Path folder, Skipped before, long bytes, SkipLimit limit) {
        this.file = folder.resolve(DatasetInfo.SKIPPED_FILE);
        this.limit = limit;
        this.reasons = new TreeMap<>(before.reasons());
        this.examples = new ArrayList<>(before.examples());
        this.images = before.images();
        this.bytes = bytes;
    }

    /** Leaves an image out; {@code problem} is {@code reason: detail}. */
    void add(String name, String problem) throws IOException {
        limit.count(name, problem);
        images++;
        reasons.merge(problem.split(":", 2)[0], 1L, Long::sum);
        if (examples.size() < EXAMPLES) {
            examples.add(name + ": " + problem);
            log.warn("left out {}: {}", name, problem);
        }
        append(escape(name) + "\t" + escape(problem) + "\n");
    }

    Skipped skipped() {
        return new Skipped(images, reasons, examples);
    }

    /** The length of the file, once it is on the disk. */
    long forcedBytes() throws IOException {
        if (channel != null) {
            channel.force(true);
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }

    private void append(String line) throws IOException {
        if (channel == null) {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            channel.truncate(bytes).position(bytes);
        }
        ByteBuffer rest = StandardCharsets.UTF_8.encode(line);
        while (rest.hasRemaining()) {
            bytes += channel.write(rest);
        }
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }
}
