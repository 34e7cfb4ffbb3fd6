package org.capi.data.arrow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The {@code dataset.json} of one split: what its shards hold and where it came from.
 *
 * @param source the kind of source and its place, such as {@code imagefolder /data/flowers}
 * @param classes the class names; a label is an index into them
 */
public record DatasetInfo(
        int formatVersion,
        String source,
        long images,
        long labelled,
        long labelMaps,
        List<String> classes,
        List<ShardInfo> shards,
        Skipped skipped) {

    static final String FILE = "dataset.json";
    static final int FORMAT_VERSION = 1;

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    public DatasetInfo {
        classes = List.copyOf(classes);
        shards = List.copyOf(shards);
        long rows = shards.stream().mapToLong(ShardInfo::rows).sum();
        if (rows != images) {
            throw new IllegalArgumentException("images is " + images + " but the shards hold " + rows + " rows");
        }
    }

    /**
     * One Arrow file of a split.
     *
     * @param crc32c the CRC-32C of the whole file
     */
    public record ShardInfo(String file, long rows, long bytes, long crc32c) {}

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
            reasons = Map.copyOf(new TreeMap<>(reasons));
            examples = List.copyOf(examples);
        }
    }

    /** Reads the description of the split in a folder; a folder without a sound one is refused. */
    public static DatasetInfo read(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("no dataset folder: " + folder);
        }
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no dataset in " + folder + ": it holds no " + FILE
                    + " (made by 'data import' and 'data generate')");
        }
        try {
            DatasetInfo info = JSON.readValue(Files.readString(file), DatasetInfo.class);
            if (info.formatVersion != FORMAT_VERSION) {
                throw new IllegalArgumentException(file + " has format_version " + info.formatVersion
                        + "; this program reads version " + FORMAT_VERSION);
            }
            return info;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("damaged " + file + ": " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    void write(Path folder) throws IOException {
        Files.writeString(folder.resolve(FILE), JSON.writeValueAsString(this) + "\n");
    }
}
