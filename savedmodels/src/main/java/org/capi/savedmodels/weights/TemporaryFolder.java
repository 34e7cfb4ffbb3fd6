package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A folder of files that are gone when it is closed; beside what is made of them, so on a disk with room for both. */
record TemporaryFolder(Path path) implements AutoCloseable {

    /** Makes the folder {@code TARGET.weights.partial}; one that a killed process left is emptied. */
    static TemporaryFolder beside(Path target) throws IOException {
        Path absolute = target.toAbsolutePath();
        var folder = new TemporaryFolder(absolute.resolveSibling(absolute.getFileName() + ".weights.partial"));
        folder.close();
        Files.createDirectories(folder.path);
        return folder;
    }

    @Override
    public void close() throws IOException {
        if (!Files.isDirectory(path)) {
            return;
        }
        try (Stream<Path> files = Files.list(path)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(path);
    }
}
