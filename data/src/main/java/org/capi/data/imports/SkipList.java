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
import org.capi.data.files.FileNames;
import org.jspecify.annotations.Nullable;

/** The images that a split skips and why: all in a file, their reasons counted, and the first few kept as examples. */
final class SkipList implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(SkipList.class);

    private static final int EXAMPLES = 20;

    private final Path file;
    private final Limit limit;
    private final Map<String, Long> reasons;
    private final List<String> examples;
    private @Nullable FileChannel channel;
    private long images;
    private long bytes;

    /** Continues after the first so many bytes of the file in a folder. */
    SkipList(Path folder, Skipped before, long bytes, Limit limit) {
        this.file = folder.resolve(DatasetInfo.SKIPPED_FILE);
        this.limit = limit;
        this.reasons = new TreeMap<>(before.reasons());
        this.examples = new ArrayList<>(before.examples());
        this.images = before.images();
        this.bytes = bytes;
    }

    /** How many images an import may skip, over all splits. */
    static final class Limit {

        private final ImportOptions options;
        private final long offered;
        private long skipped;

        /** Starts with the images that were skipped already, of all that are offered. */
        Limit(ImportOptions options, long offered, long skipped) {
            this.options = options;
            this.offered = offered;
            this.skipped = skipped;
        }

        private void count(String name, String problem) throws IOException {
            if (options.onError() == ImportOptions.OnError.FAIL) {
                throw new IOException("cannot import " + name + ": " + problem);
            }
            skipped++;
            if (skipped > options.maxSkipped() * offered) {
                throw new IOException(skipped + " of " + offered + " images cannot be read, more than --max-skipped "
                        + options.maxSkipped() + " allows; the last: " + name + ": " + problem);
            }
        }
    }

    /** Skips an image; {@code problem} is {@code reason: detail}. */
    void add(String name, String problem) throws IOException {
        limit.count(name, problem);
        images++;
        reasons.merge(problem.split(":", 2)[0], 1L, Long::sum);
        if (examples.size() < EXAMPLES) {
            examples.add(name + ": " + problem);
            log.warn("skipped {}: {}", name, problem);
        }
        if (channel == null) {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            channel.truncate(bytes).position(bytes);
        }
        ByteBuffer line =
                StandardCharsets.UTF_8.encode(FileNames.inCell(name) + "\t" + FileNames.inCell(problem) + "\n");
        while (line.hasRemaining()) {
            bytes += channel.write(line);
        }
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
}
