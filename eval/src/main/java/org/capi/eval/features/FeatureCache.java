package org.capi.eval.features;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.io.function.IOConsumer;
import org.capi.data.files.DurableFile;

/**
 * A folder in which features are kept, one file for each key: what was computed once is not computed again, and a
 * changed model or dataset has another key.
 *
 * @param reporter of damaged files that are replaced
 */
public record FeatureCache(Path folder, Consumer<String> reporter) {

    /** Computes features. */
    @FunctionalInterface
    public interface Making {

        /** Adds every image. */
        void into(FeatureFile.Sink sink) throws IOException;
    }

    /**
     * All that features depend on; equal keys, equal features.
     *
     * @param model the checksum of the model's files
     * @param dataset the checksum of the images with their labels
     * @param imageSize side of the square that the encoder sees, in pixels
     */
    record Key(String model, String dataset, Transform transform, Representation representation, int imageSize) {

        /** Changed when the same key would give other features. */
        private static final String VERSION = "1";

        private static final int NAME_LENGTH = 16;

        /** The notes in a file's schema. */
        Map<String, String> notes() {
            Map<String, String> notes = new LinkedHashMap<>();
            notes.put("capi.version", VERSION);
            notes.put("capi.model", model);
            notes.put("capi.dataset", dataset);
            notes.put("capi.transform", transform.toString());
            notes.put("capi.representation", representation.toString());
            notes.put("capi.image_size", Integer.toString(imageSize));
            return notes;
        }

        private String fileName() {
            var lines = new StringBuilder();
            notes().forEach((name, value) -> lines.append(name + "=" + value + "\n"));
            String hash = DigestUtils.sha256Hex(lines.toString()).substring(0, NAME_LENGTH);
            return representation + "-" + imageSize + "-" + hash + ".arrow";
        }
    }

    /**
     * Computes the features that have no file yet, all of them together; the keys differ.
     *
     * @param making for the keys that are missing, adds every image to each of their sinks
     */
    void fill(List<Key> keys, List<String> classes, Function<List<Key>, IOConsumer<List<FeatureFile.Sink>>> making)
            throws IOException {
        Files.createDirectories(folder);
        List<Key> missing = keys.stream()
                .filter(key -> !Files.exists(folder.resolve(key.fileName())))
                .toList();
        if (!missing.isEmpty()) {
            fill(missing, List.of(), classes, making.apply(missing));
        }
    }

    private void fill(
            List<Key> keys,
            List<FeatureFile.Sink> open,
            List<String> classes,
            IOConsumer<List<FeatureFile.Sink>> making)
            throws IOException {
        if (open.size() == keys.size()) {
            making.accept(open);
            return;
        }
        Key next = keys.get(open.size());
        write(folder.resolve(next.fileName()), next.notes(), classes, sink -> {
            List<FeatureFile.Sink> more = new ArrayList<>(open);
            more.add(sink);
            fill(keys, more, classes, making);
        });
    }

    /** The features of this key, computed unless an undamaged file has them; the caller closes them. */
    FeatureFile of(Key key, List<String> classes, Making making) throws IOException {
        Path file = Files.createDirectories(folder).resolve(key.fileName());
        if (Files.exists(file)) {
            try {
                return kept(file, key);
            } catch (IOException e) {
                reporter.accept(e.getMessage() + "; they are computed anew");
            }
        }
        write(file, key.notes(), classes, making);
        return FeatureFile.open(file);
    }

    private static FeatureFile kept(Path file, Key key) throws IOException {
        FeatureFile features = FeatureFile.open(file);
        if (!features.notes().entrySet().containsAll(key.notes().entrySet())) {
            features.close();
            throw new IOException("the features " + file + " are others than their name says");
        }
        return features;
    }

    /** Writes an Arrow file next to its place and moves it there when it is complete. */
    public static void write(Path file, Map<String, String> notes, List<String> classes, Making making)
            throws IOException {
        writeWhole(file, partial -> {
            try (var writer = new FeatureFile.Writer(partial, notes, classes)) {
                making.into(writer);
                writer.finish();
            }
        });
    }

    static void writeWhole(Path file, IOConsumer<Path> writing) throws IOException {
        Path partial = DurableFile.sibling(file);
        partial.toFile().deleteOnExit(); // when the program is interrupted
        try {
            writing.accept(partial);
        } catch (IOException | RuntimeException | Error e) {
            Files.deleteIfExists(partial);
            throw e;
        }
        DurableFile.move(partial, file);
    }
}
