package org.capi.savedmodels;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A file or a folder that appears whole or not at all: written next to its final path, under a name that no other
 * process has, and moved there at the end.
 *
 * @param place the final path
 * @param partial the path that is written, on the same disk
 */
public record NewPath(Path place, Path partial) implements AutoCloseable {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Set<Path> UNFINISHED = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(NewPath::deleteUnfinished));
    }

    /** Makes a folder {@code PLACE.0123456789abcdef.partial}. */
    public static NewPath folder(Path place) throws IOException {
        NewPath made = nextTo(place);
        Files.createDirectory(made.partial);
        return made;
    }

    /** Prepares for a file {@code PLACE.0123456789abcdef.partial}. */
    public static NewPath file(Path place) throws IOException {
        return nextTo(place);
    }

    private static NewPath nextTo(Path place) throws IOException {
        refuseExisting(place);
        Path absolute = place.toAbsolutePath();
        Path parent = absolute.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        String unique = HexFormat.of().toHexDigits(RANDOM.nextLong());
        Path partial = absolute.resolveSibling(absolute.getFileName() + "." + unique + ".partial");
        UNFINISHED.add(partial);
        return new NewPath(place, partial);
    }

    /** Refuses a path below a file, where no folder can be made. */
    public static void refuseBelowFile(Path place) {
        Path above = place.toAbsolutePath().getParent();
        while (above != null && !Files.exists(above)) {
            above = above.getParent();
        }
        if (above != null && !Files.isDirectory(above)) {
            throw new IllegalArgumentException(place + " must lie in a folder, but " + above + " is a file");
        }
    }

    /** Refuses a path that exists, as nothing is ever overwritten, or that lies below a file. */
    public static void refuseExisting(Path place) {
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            String kind = Files.isDirectory(place) ? "folder " : "file ";
            throw new IllegalArgumentException("the " + kind + place + " exists already; name one that does not");
        }
        refuseBelowFile(place);
    }

    /** Opens the file that is written. */
    public FileChannel open() throws IOException {
        return FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** Moves what was written to its final path; one that was taken in the meantime is left as it is. */
    public void finish() throws IOException {
        try {
            Files.move(partial, place);
        } catch (FileAlreadyExistsException e) {
            throw new IOException("another program made " + place + " while it was written here; that one is kept", e);
        }
    }

    /** Removes what was not finished. */
    @Override
    public void close() throws IOException {
        delete(partial);
        UNFINISHED.remove(partial);
    }

    /** Runs when the program is interrupted. */
    private static void deleteUnfinished() {
        for (Path partial : UNFINISHED) {
            try {
                delete(partial);
            } catch (IOException | UncheckedIOException e) {
                // What is left is named .partial.
            }
        }
    }

    private static void delete(Path tree) throws IOException {
        if (Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> all = Files.walk(tree)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
