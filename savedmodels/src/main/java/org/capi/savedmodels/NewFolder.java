package org.capi.savedmodels;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A folder that appears whole or not at all: written beside its place and moved there at the end.
 *
 * @param partial where its files are written
 */
record NewFolder(Path folder, Path partial) implements AutoCloseable {

    static NewFolder create(Path folder) throws IOException {
        refuseExisting(folder);
        Path partial = folder.resolveSibling(folder.getFileName() + ".partial");
        delete(partial);
        Files.createDirectories(partial);
        return new NewFolder(folder, partial);
    }

    static void refuseExisting(Path folder) {
        if (Files.exists(folder)) {
            throw new IllegalArgumentException(
                    "the model folder " + folder + " exists already; give one that does not");
        }
    }

    /** Moves the folder to its place. */
    void finish() throws IOException {
        Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes what was not finished. */
    @Override
    public void close() throws IOException {
        delete(partial);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path done, @Nullable IOException failure) throws IOException {
                Files.delete(done);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
