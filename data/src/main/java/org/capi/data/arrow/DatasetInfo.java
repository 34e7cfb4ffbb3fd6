package org.capi.data.arrow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.commons.codec.digest.DigestUtils;
import org.capi.data.files.DurableFile;
import org.capi.data.files.FileNames;
import org.capi.data.files.StrictJson;
import org.jspecify.annotations.Nullable;

/**
 * The {@code dataset.json} of one split: what its shards hold and where it came from. Its last key is the CRC-32C of
 * all bytes before the line that holds it; only {@link #isSound} checks it, so that a person may correct a class name.
 *
 * @param source the kind of source and its path, such as {@code imagefolder /data/flowers}
 * @param classes the class names; a label is an index into them
 * @param ignoreLabels the values of label maps that stand for no class, in order
 * @param classCounts how many images each class has; empty in a split of format version 1
 * @param skippedList the file that names every skipped image, or null when none was skipped
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

    public static final String FILE = "dataset.json";

    public static final String SKIPPED_FILE = "skipped.tsv";

    static final int FORMAT_VERSION = 3;

    private static final int FINGERPRINT_DIGITS = 16;
    private static final String CHECKSUM = "crc32c";
    private static final Pattern END = Pattern.compile("\n {2}\"" + CHECKSUM + "\" : (\\d{1,10})\n}\n");

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

    /** One Arrow file of a split; {@code crc32c} is that of the whole file. */
    public record ShardInfo(String file, long rows, long bytes, long crc32c) {

        public ShardInfo {
            FileNames.plain(file);
            if (rows < 0 || bytes < 0) {
                throw new IllegalArgumentException(file + " has " + rows + " rows and " + bytes + " bytes");
            }
        }
    }

    /**
     * The content of complete shards.
     *
     * @param classCounts how many images have each label, up to the largest label
     */
    public record ShardContents(List<ShardInfo> shards, long labelled, long labelMaps, List<Long> classCounts) {

        public static final ShardContents NONE = new ShardContents(List.of(), 0, 0, List.of());

        public ShardContents {
            shards = List.copyOf(shards);
            classCounts = List.copyOf(classCounts);
        }

        public long images() {
            return shards.stream().mapToLong(ShardInfo::rows).sum();
        }
    }

    /** A file with a line for each skipped image: its name, a tab and the reason; tabs and line ends are escaped. */
    public record ListInfo(String file, long bytes, long crc32c) {

        public ListInfo {
            FileNames.plain(file);
        }

        public static ListInfo of(Path file) throws IOException {
            return new ListInfo(String.valueOf(file.getFileName()), Files.size(file), DurableFile.crc32c(file));
        }
    }

    /**
     * The images that were skipped.
     *
     * @param reasons how many for each reason
     * @param examples the first few, each as {@code name: reason}
     */
    public record Skipped(long images, Map<String, Long> reasons, List<String> examples) {

        public static final Skipped NONE = new Skipped(0, Map.of(), List.of());

        public Skipped {
            reasons = Collections.unmodifiableMap(new TreeMap<>(reasons));
            examples = List.copyOf(examples);
        }
    }

    public static DatasetInfo of(
            String source,
            List<String> classes,
            Collection<Integer> ignoreLabels,
            ShardContents contents,
            Skipped skipped,
            @Nullable ListInfo skippedList) {
        List<Long> counts = contents.classCounts();
        return new DatasetInfo(
                FORMAT_VERSION,
                source,
                contents.images(),
                contents.labelled(),
                contents.labelMaps(),
                classes,
                List.copyOf(ignoreLabels),
                LongStream.range(0, classes.size())
                        .mapToObj(label -> label < counts.size() ? counts.get((int) label) : Long.valueOf(0))
                        .toList(),
                contents.shards(),
                skipped,
                skippedList);
    }

    /**
     * Identifies the images of this split: the first 16 hexadecimal digits of the SHA-256 of its shards' rows, bytes
     * and CRC-32C, in order. Names of classes, folders and files do not change it.
     */
    public String fingerprint() {
        String text = shards.stream()
                .map(shard -> shard.rows() + " " + shard.bytes() + " " + shard.crc32c() + "\n")
                .collect(Collectors.joining());
        return DigestUtils.sha256Hex(text).substring(0, FINGERPRINT_DIGITS);
    }

    /** Reads the description of the split in a folder; a folder without a valid one is refused. */
    public static DatasetInfo read(Path folder) {
        Path file = file(folder);
        try {
            return parse(file, Files.readString(file));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("damaged " + file + ": it is not UTF-8", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    void write(Path folder) throws IOException {
        String text = StrictJson.MAPPER.writeValueAsString(this);
        String head = text.substring(0, text.lastIndexOf("\n}")) + ",";
        long checksum = Shard.checksum(ByteBuffer.wrap(head.getBytes(StandardCharsets.UTF_8)));
        DurableFile.write(folder.resolve(FILE), head + "\n  \"" + CHECKSUM + "\" : " + checksum + "\n}\n");
    }

    /** Whether a file of the newest format is byte for byte as it was written. */
    static boolean isSound(byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        Matcher end = END.matcher(text);
        int start = text.lastIndexOf("\n  \"" + CHECKSUM);
        return start >= 0
                && end.region(start, text.length()).matches()
                && Long.parseLong(end.group(1)) == Shard.checksum(ByteBuffer.wrap(content, 0, start));
    }

    private static DatasetInfo parse(Path file, String text) {
        try {
            if (!(StrictJson.MAPPER.readTree(text) instanceof ObjectNode info)) {
                throw new IllegalArgumentException("damaged " + file + ": it is not a JSON object");
            }
            int version = version(file, info);
            info.remove(CHECKSUM);
            if (version == 1) {
                info.putArray("ignore_labels");
                info.putArray("class_counts");
                info.putNull("skipped_list");
            }
            return StrictJson.MAPPER.treeToValue(info, DatasetInfo.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("damaged " + file + ": " + StrictJson.fault(e), e);
        }
    }

    /** The file in a folder; a folder without one is refused. */
    static Path file(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("no dataset folder: " + folder + unfinished(folder.getParent()));
        }
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no dataset in " + folder + ": it holds no " + FILE
                    + " (made by 'data import' and 'data generate')" + unfinished(folder));
        }
        return file;
    }

    private static int version(Path file, ObjectNode info) {
        JsonNode version = info.path("format_version");
        if (!version.canConvertToInt()) {
            throw new IllegalArgumentException("damaged " + file + ": it has no format_version");
        }
        if (version.intValue() < 1 || version.intValue() > FORMAT_VERSION) {
            throw new IllegalArgumentException(file + " has format_version " + version.intValue()
                    + "; this program reads versions 1 to " + FORMAT_VERSION
                    + (version.intValue() > 1 ? ": a newer program wrote it" : ""));
        }
        return version.intValue();
    }

    private static String unfinished(@Nullable Path folder) {
        Path partial = folder == null ? null : folder.resolve(DatasetPath.PARTIAL);
        return partial != null && Files.isDirectory(partial)
                ? "; an import was not finished there (" + partial + "): the same command continues it"
                : "";
    }
}
