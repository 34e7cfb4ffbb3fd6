package org.capi.data.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Visits the image files below a folder in the order of their names, holding one folder's names at a time. */
final class FolderWalk {

    // The last line's formats are not decoded; their files are offered so that they are counted and named.
    private static final Set<String> SUFFIXES = Set.of(
            "jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "webp", "tif", "tiff", "avif", "heic", "heif", "jp2",
            "j2k", "ico", "ppm", "pgm");

    private final FileVisit visit;
    private final Set<Path> ancestors = new HashSet<>();

    /** Takes an image file. */
    @FunctionalInterface
    interface FileVisit {
        void file(Path file) throws IOException;
    }

    private FolderWalk(FileVisit visit) {
        this.visit = visit;
    }

    /** Visits every image file below a child of a folder; links are followed, but not back to the folder. */
    static void below(Path folder, Path child, FileVisit visit) throws IOException {
        var walk = new FolderWalk(visit);
        walk.ancestors.add(folder.toRealPath());
        walk.folder(child);
    }

    /** The number of image files below a child of a folder. */
    static long count(Path folder, Path child) throws IOException {
        long[] count = {0};
        below(folder, child, file -> count[0]++);
        return count[0];
    }

    /** The image files that lie in a folder itself. */
    static List<Path> files(Path folder) throws IOException {
        return children(folder).stream()
                .filter(child -> !Files.isDirectory(child) && isImage(child))
                .toList();
    }

    /** The folders that lie in a folder, without hidden ones and those that archives leave behind. */
    static List<Path> folders(Path folder) throws IOException {
        return children(folder).stream().filter(Files::isDirectory).toList();
    }

    private void folder(Path folder) throws IOException {
        Path real = folder.toRealPath();
        if (!ancestors.add(real)) {
            return;
        }
        for (Path child : children(folder)) {
            if (Files.isDirectory(child)) {
                folder(child);
            } else if (isImage(child)) {
                visit.file(child);
            }
        }
        ancestors.remove(real);
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> listed = Files.list(folder)) {
            return listed.filter(child -> {
                        String name = name(child);
                        return !name.startsWith(".") && !name.equals("__MACOSX");
                    })
                    .sorted((a, b) -> name(a).compareTo(name(b)))
                    .toList();
        }
    }

    private static boolean isImage(Path file) {
        String name = name(file);
        return SUFFIXES.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
