package org.capi.eval.features;

import java.io.IOException;
import java.nio.file.Path;
import org.capi.savedmodels.VisionEncoder;

/**
 * An encoder, and the checksum of the files that it was loaded from.
 *
 * @param name what reports call it: the last part of its path
 */
public record LoadedModel(String name, VisionEncoder encoder, String checksum) implements AutoCloseable {

    /** Loads any SavedModel whose default signature has the three outputs; another folder is refused by name. */
    public static LoadedModel open(Path folder) throws IOException {
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        VisionEncoder encoder = VisionEncoder.load(folder);
        try {
            return new LoadedModel(name, encoder, Checksums.ofModel(folder));
        } catch (IOException | RuntimeException e) {
            encoder.close();
            throw e;
        }
    }

    @Override
    public void close() {
        encoder.close();
    }
}
