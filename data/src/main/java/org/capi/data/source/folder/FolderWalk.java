package org.capi.data.source.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.capi.data.source.ImageNames;
import org.capi.data.source.SplitNames;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the image files below a folder in the order of their names, holding the names of no more folders than lie
 * above the current file.
 */
final class FolderWalk {

    private final Set<Path> ancestors = new HashSet<>();
    private final Deque<Level> levels = new ArrayDeque<>();

    /** A folder that the walk is in, and its children that are still to come. */
    private record Level(Path real, Iterator<Path> children) {}

    /** Begins a walk over every image file below a child of a folder; links are followed, but not back to the folder. */
    FolderWalk(Path folder, Path child) throws IOException {
        ancestors.add(folder.toRealPath());
        enter(child);
    }

    /** The next image file, or null at the end. */
    @Nullable
    Path next() throws IOException {
        while (!levels.isEmpty()) {
            Level level = levels.element();
            if (!level.children.hasNext()) {
                ancestors.remove(levels.remove().real);
                continue;
            }
            Path child = level.children.next();
            if (Files.isDirectory(child)) {
                enter(child);
            } else if (isImage(child)) {
                return child;
            }
        }
        return null;
    }

    /** The number of image files below a child of a folder. */
    static long count(Path folder, Path child) throws IOException {
        var walk = new FolderWalk(folder, child);
        long count = 0;
        while (walk.next() != null) {
            count++;
        }
        return count;
    }

    /** The image files that lie in a folder itself. */
    static List<Path> files(Path folder) throws IOException {
        return children(folder).stream()
                .filter(child -> isImage(child) && !Files.isDirectory(child))
                .toList();
    }

    /** The folders that lie in a folder, without hidden ones and those that archives leave behind. */
    static List<Path> folders(Path folder) throws IOException {
        return children(folder).stream().filter(Files::isDirectory).toList();
    }

    /** The folders in a folder that are named like splits, by the names of the splits. */
    static SortedMap<String, Path> splits(Path folder) throws IOException {
        SortedMap<String, Path> splits = new TreeMap<>();
        for (Path child : folders(folder)) {
            String split = SplitNames.ofFolder(name(child));
            Path other = split == null ? null : splits.put(split, child);
            if (other != null) {
                throw new IllegalArgumentException(other + " and " + child + " would both be the split " + split);
            }
        }
        return splits;
    }

    /** Refuses a folder that is none. */
    static void check(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException((Files.exists(folder) ? "not a folder: " : "no such folder: ") + folder);
        }
    }

    static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private void enter(Path folder) throws IOException {
        Path real = folder.toRealPath();
        if (ancestors.add(real)) {
            levels.push(new Level(real, children(folder).iterator()));
        }
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> listed = Files.list(folder)) {
            return listed.filter(child -> !ImageNames.isHidden(name(child)))
                    .sorted((a, b) -> name(a).compareTo(name(b)))
                    .toList();
        }
    }

    private static boolean isImage(Path file) {
        return ImageNames.isImage(name(file));
    }
}
