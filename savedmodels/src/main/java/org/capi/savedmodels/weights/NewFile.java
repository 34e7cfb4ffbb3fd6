package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that appears whole or not at all: written beside its place and moved there at the end.
 *
 * @param channel where it is written
 */
record NewFile(Path file, Path partial, FileChannel channel) implements AutoCloseable {

    static NewFile create(Path file) throws IOException {
        refuseExisting(file);
        Path absolute = file.toAbsolutePath();
        Path parent = absolute.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Path partial = absolute.resolveSibling(absolute.getFileName() + ".partial");
        var channel = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        return new NewFile(file, partial, channel);
    }

    static void refuseExisting(Path file) {
        if (Files.exists(file)) {
            throw new IllegalArgumentException("the file " + file + " exists already; name one that does not");
        }
    }

    /** Moves the file to its place. */
    void finish() throws IOException {
        channel.force(true);
        channel.close();
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes what was not finished. */
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(partial);
    }
}
