package org.capi.data.source.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.files.FileNames;
import org.capi.data.source.SourceOptions;
import org.capi.data.source.SplitNames;

/** One data set as {@code save_to_disk} leaves it: a folder with a state.json that lists its Arrow files. */
final class SavedDataset {

    static final String STATE = "state.json";

    private static final JsonMapper JSON = new JsonMapper();
    private static final long MAX_BYTES = 32 << 20;

    private SavedDataset() {}

    /** The files in their order, each of which must be there; their names are relative to the root. */
    static List<Shard> shards(Path root, Path folder, SourceOptions options) throws IOException {
        Features features = features(folder);
        List<Path> files = new ArrayList<>();
        for (JsonNode listed : read(folder.resolve(STATE)).path("_data_files")) {
            Path file = listed(folder.resolve(STATE), listed.path("filename"));
            if (!Files.isRegularFile(file)) {
                throw new IllegalArgumentException(folder.resolve(STATE) + " lists a file that is missing: " + file);
            }
            files.add(file);
        }
        if (files.isEmpty()) {
            throw new IllegalArgumentException(folder.resolve(STATE) + " lists no files under _data_files");
        }
        return Shard.scan(
                new CollectionFiles(root, files),
                options,
                file -> ArrowShard.scan(file, CollectionFiles.name(root, file), features, options.labels()));
    }

    /** A file or folder that a description lists, which lies below the description's own folder. */
    static Path listed(Path description, JsonNode name) {
        try {
            return FileNames.below(description.resolveSibling(""), name.asText());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(description + " lists a file that is not read: " + e.getMessage(), e);
        }
    }

    /** The split that the data set says it is. */
    static String split(Path folder) throws IOException {
        String split =
                SplitNames.canonical(read(folder.resolve(STATE)).path("_split").asText(""));
        return SplitNames.isName(split) && !split.equals("null") ? split : SplitNames.DEFAULT;
    }

    /** What dataset_info.json in a folder notes about the columns. */
    static Features features(Path folder) throws IOException {
        Path info = folder.resolve("dataset_info.json");
        return Files.isRegularFile(info) ? Features.of(read(info)) : Features.NONE;
    }

    static JsonNode read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no such file: " + file);
        }
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IllegalArgumentException(
                        file + " has " + Files.size(file) + " bytes, at most " + MAX_BYTES + " are read");
            }
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("damaged " + file + ": " + e.getOriginalMessage(), e);
        }
    }
}
