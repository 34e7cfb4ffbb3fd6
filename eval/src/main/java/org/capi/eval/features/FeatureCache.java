package org.capi.eval.features;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.capi.data.files.DurableFile;

/**
 * A folder in which features are kept, one file for each key: what was computed once is not computed again, and a changed
 * model or dataset has another key.
 *
 * @param said hears that a file was damaged and is made anew
 */
public record FeatureCache(Path folder, Consumer<String> said) {

    /** Computes features. */
    @FunctionalInterface
    public interface Making {

        /** Gives the sink every image. */
        void into(FeatureSink sink) throws IOException;
    }

    /** The features of this key, computed unless a sound file has them; the caller closes them. */
    FeatureFile of(FeatureKey key, List<String> classes, Making making) throws IOException {
        Path file = Files.createDirectories(folder).resolve(key.fileName());
        if (Files.exists(file)) {
            try {
                return kept(file, key);
            } catch (IOException e) {
                said.accept(e.getMessage() + "; they are computed anew");
            }
        }
        write(file, key.notes(), classes, making);
        return FeatureFile.open(file);
    }

    private static FeatureFile kept(Path file, FeatureKey key) throws IOException {
        FeatureFile features = FeatureFile.open(file);
        if (!features.notes().entrySet().containsAll(key.notes().entrySet())) {
            features.close();
            throw new IOException("the features " + file + " are others than their name says");
        }
        return features;
    }

    /** Writes a file beside its place and moves it there when it is complete. */
    public static void write(Path file, Map<String, String> notes, List<String> classes, Making making)
            throws IOException {
        Path beside = DurableFile.beside(file);
        beside.toFile().deleteOnExit(); // when the program is interrupted
        try (var writer = new FeatureWriter(beside, notes, classes)) {
            making.into(writer);
            writer.finish();
        } catch (IOException | RuntimeException | Error e) {
            Files.deleteIfExists(beside);
            throw e;
        }
        DurableFile.move(beside, file);
    }
}
