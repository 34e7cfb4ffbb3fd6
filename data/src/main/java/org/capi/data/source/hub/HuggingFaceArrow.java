package org.capi.data.source.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.files.FileNames;
import org.capi.data.source.Source;
import org.capi.data.source.Source.SourceOptions;
import org.capi.data.source.SplitNames;
import org.capi.data.source.hub.HubSource.HubFile;
import org.capi.data.source.hub.HubSource.UnreadableFile;
import org.capi.data.source.hub.TableLayout.ColumnNotes;
import org.jspecify.annotations.Nullable;

/**
 * Arrow files of the {@code datasets} library: a folder from {@code save_to_disk} (one data set, or a dictionary of
 * splits), or a file of its cache or a folder of such files, in the stream or the file format.
 */
public final class HuggingFaceArrow {

    private static final Logger log = LogManager.getLogger(HuggingFaceArrow.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String DICTIONARY = "dataset_dict.json";
    private static final String STATE = "state.json";
    private static final long MAX_JSON_BYTES = 32 << 20;

    private HuggingFaceArrow() {}

    /**
     * Scans a saved data set, or the Arrow files at a path.
     *
     * @param split what to call the only split, or null to go by the names
     */
    public static Source open(Path from, @Nullable String split) throws IOException {
        return openWith(SourceOptions.of(split), from);
    }

    public static Source openWith(SourceOptions options, Path from) throws IOException {
        List<String> notes = new ArrayList<>();
        return HubSource.of("hf-arrow", from, options.split(), splits(from, options, notes), notes);
    }

    private static Map<String, List<HubFile>> splits(Path from, SourceOptions options, List<String> notes)
            throws IOException {
        Path dictionary = from.resolve(DICTIONARY);
        if (Files.exists(dictionary)) {
            Map<String, List<HubFile>> splits = new TreeMap<>();
            for (JsonNode name : read(dictionary).path("splits")) {
                String split = SplitNames.canonical(name.asText());
                if (splits.put(split, saved(from, listed(dictionary, name), options)) != null) {
                    throw new IllegalArgumentException(
                            "two splits of " + dictionary + " would both be the split " + split);
                }
            }
            return splits;
        }
        Path state = from.resolve(STATE);
        if (Files.exists(state)) {
            String split = SplitNames.canonical(read(state).path("_split").asText(""));
            boolean named = SplitNames.isName(split) && !split.equals("null");
            return Map.of(named ? split : SplitNames.DEFAULT, saved(from, from, options));
        }
        CollectionFiles files = CollectionFiles.find(from, ".arrow");
        notes.addAll(files.missing());
        return SplitNames.group(loose(files, options), HubFile::name);
    }

    private static List<HubFile> loose(CollectionFiles all, SourceOptions options) throws IOException {
        // What datasets keeps of computations next to the data is left out.
        List<Path> files = all.files().size() == 1
                ? all.files()
                : all.files().stream()
                        .filter(file -> !String.valueOf(file.getFileName()).startsWith("cache-"))
                        .toList();
        return HubSource.scan(new CollectionFiles(all.root(), files), options, file -> {
            Path folder = file.getParent();
            ColumnNotes notes = folder == null ? ColumnNotes.NONE : notes(folder);
            return scan(file, all.name(file), notes, options.labels());
        });
    }

    /** The files of a data set that {@code save_to_disk} wrote, in the order of its state.json; each must exist. */
    private static List<HubFile> saved(Path root, Path folder, SourceOptions options) throws IOException {
        ColumnNotes notes = notes(folder);
        Path state = folder.resolve(STATE);
        List<Path> paths = new ArrayList<>();
        for (JsonNode listed : read(state).path("_data_files")) {
            Path file = listed(state, listed.path("filename"));
            if (!Files.isRegularFile(file)) {
                throw new IllegalArgumentException(state + " lists a file that is missing: " + file);
            }
            paths.add(file);
        }
        if (paths.isEmpty()) {
            throw new IllegalArgumentException(state + " lists no files under _data_files");
        }
        var files = new CollectionFiles(root, paths);
        return HubSource.scan(files, options, file -> scan(file, files.name(file), notes, options.labels()));
    }

    /** A file or folder that a description lists, which lies below the description's own folder. */
    private static Path listed(Path description, JsonNode name) {
        try {
            return FileNames.below(description.resolveSibling(""), name.asText());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(description + " lists a file that is not read: " + e.getMessage(), e);
        }
    }

    private static ColumnNotes notes(Path folder) throws IOException {
        Path info = folder.resolve("dataset_info.json");
        return Files.isRegularFile(info) ? ColumnNotes.of(read(info)) : ColumnNotes.NONE;
    }

    private static JsonNode read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no such file: " + file);
        }
        if (Files.size(file) > MAX_JSON_BYTES) {
            throw new IllegalArgumentException(
                    file + " has " + Files.size(file) + " bytes, at most " + MAX_JSON_BYTES + " are read");
        }
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("damaged " + file + ": " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Reads a file's schema and counts its rows by the headers of its record batches; one that cannot be used is
     * refused.
     *
     * @param notes the notes on the columns from elsewhere, for files without notes of their own
     */
    private static HubFile scan(Path file, String name, ColumnNotes notes, boolean labels) {
        try (ArrowMessages messages = ArrowMessages.open(file)) {
            ArrowMessages.Found first = messages.next();
            if (first == null) {
                throw new IOException("it is empty");
            }
            ArrowSchema schema = ArrowSchema.read(first.message());
            ColumnNotes own = ColumnNotes.ofMetadata(schema.notes());
            TableLayout layout = TableLayout.choose(file, schema.columns(), own.isEmpty() ? notes : own, labels);
            var table = new TableFile(file, name, layout);
            var reader = new ArrowRows(table, schema, messages);
            long rows = 0;
            while (reader.nextBatch()) {
                rows += reader.rows();
            }
            if (!messages.isMarked()) {
                log.warn("{} has no end mark: it may be incomplete; {} rows were read", file, rows);
            }
            return new HubFile(name, rows, table, () -> new ArrowRows(table, schema, ArrowMessages.open(file)));
        } catch (JsonProcessingException e) {
            throw new UnreadableFile(
                    "cannot read " + file + ": its metadata '" + ColumnNotes.METADATA + "' is not JSON", e);
        } catch (IOException e) {
            throw new UnreadableFile("damaged, cut off, or no Arrow file: " + file + ": " + e.getMessage(), e);
        }
    }
}
