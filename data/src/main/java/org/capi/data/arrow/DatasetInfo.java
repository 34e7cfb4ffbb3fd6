package org.capi.data.arrow;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.capi.data.files.FileChecksum;
import org.capi.data.files.FileNames;
import org.jspecify.annotations.Nullable;

/**
 * The {@code dataset.json} of one split: what its shards hold and where it came from.
 *
 * @param source the kind of source and its place, such as {@code imagefolder /data/flowers}
 * @param classes the class names; a label is an index into them
 * @param ignoreLabels the values of label maps that stand for no class, in order
 * @param classCounts how many images each class has; empty in a split of format version 1
 * @param skippedList the file that names everything that was left out, or null when nothing was
 */
public record DatasetInfo(
        int formatVersion,
        String source,
        long images,
        long labelled,
        long labelMaps,
        List<String> classes,
        List<Integer> ignoreLabels,
        List<Long> classCounts,
        List<ShardInfo> shards,
        Skipped skipped,
        @Nullable ListInfo skippedList) {

    /** What the file is called. */
    public static final String FILE = "dataset.json";

    /** What the file is called that names everything that was left out. */
    public static final String SKIPPED_FILE = "skipped.tsv";

    static final int FORMAT_VERSION = 3;

    private static final int FINGERPRINT_BYTES = 8;

    public DatasetInfo {
        classes = List.copyOf(classes);
        ignoreLabels = ignoreLabels.stream().sorted().distinct().toList();
        classCounts = List.copyOf(classCounts);
        shards = List.copyOf(shards);
        long rows = shards.stream().mapToLong(ShardInfo::rows).sum();
        if (rows != images) {
            throw new IllegalArgumentException("images is " + images + " but the shards hold " + rows + " rows");
        }
        if (!classCounts.isEmpty() && classCounts.size() != classes.size()) {
            throw new IllegalArgumentException(
                    "there are " + classes.size() + " classes but " + classCounts.size() + " class_counts");
        }
    }

    /**
     * One Arrow file of a split.
     *
     * @param crc32c the CRC-32C of the whole file
     */
    public record ShardInfo(String file, long rows, long bytes, long crc32c) {

        public ShardInfo {
            FileNames.plain(file);
            if (rows < 0 || bytes < 0) {
                throw new IllegalArgumentException(file + " has " + rows + " rows and " + bytes + " bytes");
            }
        }
    }

    /** A file of lines, each a name, a tab and the reason why it was left out; tabs and line ends are escaped. */
    public record ListInfo(String file, long bytes, long crc32c) {

        public ListInfo {
            FileNames.plain(file);
        }

        /** Describes a file that is complete. */
        public static ListInfo of(Path file) throws IOException {
            return new ListInfo(String.valueOf(file.getFileName()), Files.size(file), FileChecksum.crc32c(file));
        }
    }

    /**
     * What was offered but not taken.
     *
     * @param reasons how many for which reason
     * @param examples the first few, each as {@code name: reason}
     */
    public record Skipped(long images, Map<String, Long> reasons, List<String> examples) {

        /** Nothing was left out. */
        public static final Skipped NONE = new Skipped(0, Map.of(), List.of());

        public Skipped {
            reasons = Collections.unmodifiableMap(new TreeMap<>(reasons));
            examples = List.copyOf(examples);
        }
    }

    /** Describes complete shards in the newest format. */
    public static DatasetInfo of(
            String source,
            List<String> classes,
            Collection<Integer> ignoreLabels,
            ShardContents contents,
            Skipped skipped,
            @Nullable ListInfo skippedList) {
        return new DatasetInfo(
                FORMAT_VERSION,
                source,
                contents.images(),
                contents.labelled(),
                contents.labelMaps(),
                classes,
                List.copyOf(ignoreLabels),
                LongStream.range(0, classes.size())
                        .mapToObj(label -> contents.count((int) label))
                        .toList(),
                contents.shards(),
                skipped,
                skippedList);
    }

    /**
     * What tells the images of this split from others: the first 16 hexadecimal digits of the SHA-256 of its shards' rows,
     * bytes and CRC-32C, in order. Names of classes, folders and files do not change it.
     */
    public String fingerprint() {
        String text = shards.stream()
                .map(shard -> shard.rows() + " " + shard.bytes() + " " + shard.crc32c() + "\n")
                .collect(Collectors.joining());
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest, 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Reads the description of the split in a folder; a folder without a sound one is refused. */
    public static DatasetInfo read(Path folder) {
        return DatasetJson.read(folder);
    }
}
