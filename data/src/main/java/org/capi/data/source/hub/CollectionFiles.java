package org.capi.data.source.hub;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.capi.data.source.ImageNames;

/**
 * The files of one kind that make up a collection, in the order of their paths.
 *
 * @param root the folder that the files' names are relative to
 */
record CollectionFiles(Path root, List<Path> files) {

    CollectionFiles {
        files = List.copyOf(files);
    }

    /** A file itself, or all files below a folder that end in one of the suffixes; hidden ones are left out. */
    static CollectionFiles find(Path from, String... suffixes) throws IOException {
        if (!Files.exists(from)) {
            throw new IllegalArgumentException("no such file or folder: " + from);
        }
        if (!Files.isDirectory(from)) {
            Path parent = from.toAbsolutePath().getParent();
            return new CollectionFiles(parent == null ? from : parent, List.of(from.toAbsolutePath()));
        }
        try (Stream<Path> walk = Files.walk(from, FileVisitOption.FOLLOW_LINKS)) {
            List<Path> found = walk.filter(file -> ends(file, suffixes) && !hidden(from.relativize(file)))
                    .filter(Files::isRegularFile)
                    .sorted(Comparator.comparing(file -> name(from, file)))
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException("no " + String.join(" or ", suffixes) + " files in " + from);
            }
            return new CollectionFiles(from, found);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** A file's path below the root, with slashes. */
    String name(Path file) {
        return name(root, file);
    }

    static String name(Path root, Path file) {
        return root.relativize(file).toString().replace(File.separatorChar, '/');
    }

    private static boolean ends(Path file, String... suffixes) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return Stream.of(suffixes).anyMatch(name::endsWith);
    }

    private static boolean hidden(Path relative) {
        return StreamSupport.stream(relative.spliterator(), false)
                .map(Path::toString)
                .anyMatch(ImageNames::isHidden);
    }
}
