package org.capi.savedmodels;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A file or a folder that appears whole or not at all: written beside its place and moved there at the end.
 *
 * @param place where it will be
 * @param partial where it is written: beside, so on a disk with room for it
 */
public record NewPath(Path place, Path partial) implements AutoCloseable {

    /** Makes the folder {@code PLACE.partial}; one that a killed process left is emptied. */
    public static NewPath folder(Path place) throws IOException {
        NewPath made = beside(place);
        Files.createDirectories(made.partial);
        return made;
    }

    /** Prepares for a file {@code PLACE.partial}. */
    public static NewPath file(Path place) throws IOException {
        NewPath made = beside(place);
        Path parent = made.partial.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        return made;
    }

    private static NewPath beside(Path place) throws IOException {
        refuseExisting(place);
        Path absolute = place.toAbsolutePath();
        Path partial = absolute.resolveSibling(absolute.getFileName() + ".partial");
        delete(partial);
        return new NewPath(place, partial);
    }

    /** Refuses a place below a file, where no folder can be made. */
    public static void refuseBelowFile(Path place) {
        Path above = place.toAbsolutePath().getParent();
        while (above != null && !Files.exists(above)) {
            above = above.getParent();
        }
        if (above != null && !Files.isDirectory(above)) {
            throw new IllegalArgumentException(place + " must lie in a folder, but " + above + " is a file");
        }
    }

    /** Refuses a place that is taken, as nothing is ever overwritten, or that lies below a file. */
    public static void refuseExisting(Path place) {
        if (Files.exists(place)) {
            String kind = Files.isDirectory(place) ? "folder " : "file ";
            throw new IllegalArgumentException("the " + kind + place + " exists already; name one that does not");
        }
        refuseBelowFile(place);
    }

    /** Opens the file that is written. */
    public FileChannel open() throws IOException {
        return FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** Moves what was written to its place. */
    public void finish() throws IOException {
        Files.move(partial, place, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes what was not finished. */
    @Override
    public void close() throws IOException {
        delete(partial);
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
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
