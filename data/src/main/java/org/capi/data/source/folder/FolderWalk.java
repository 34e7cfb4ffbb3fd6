package org.capi.data.source.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.capi.data.files.FileNames;
import org.capi.data.source.ImageNames;
import org.capi.data.source.SkippedFiles;
import org.capi.data.source.SkippedFiles.Kind;
import org.capi.data.source.SplitNames;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the image files below a folder in the order of their names, holding the names in those folders alone that
 * lie above the current file.
 */
final class FolderWalk {

    private final Set<Path> ancestors = new HashSet<>();
    private final Deque<Level> levels = new ArrayDeque<>();
    private final @Nullable SkippedFiles skipped;

    /** A folder that the walk is in, and its remaining children. */
    private record Level(Path real, Iterator<Path> children) {}

    /**
     * Begins a walk over every image file below a child of a folder; links are followed, but not back to the folder.
     */
    FolderWalk(Path folder, Path child) throws IOException {
        this(folder, child, null);
    }

    private FolderWalk(Path folder, Path child, @Nullable SkippedFiles skipped) throws IOException {
        this.skipped = skipped;
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

    private void enter(Path folder) throws IOException {
        Path real = folder.toRealPath();
        if (ancestors.add(real)) {
            levels.push(new Level(real, children(folder, skipped).iterator()));
        }
    }

    /** The number of image files below a child of a folder; the files skipped on the way are counted too. */
    static long count(Path folder, Path child, SkippedFiles skipped) throws IOException {
        var walk = new FolderWalk(folder, child, skipped);
        long count = 0;
        while (walk.next() != null) {
            count++;
        }
        return count;
    }

    static List<Path> files(Path folder) throws IOException {
        return files(folder, null);
    }

    /** The image files in a folder itself; the skipped ones are counted. */
    static List<Path> files(Path folder, @Nullable SkippedFiles skipped) throws IOException {
        return children(folder, skipped).stream()
                .filter(child -> isImage(child) && !Files.isDirectory(child))
                .toList();
    }

    /** The folders in a folder, without hidden ones and those of a system. */
    static List<Path> folders(Path folder) throws IOException {
        return children(folder, null).stream().filter(Files::isDirectory).toList();
    }

    /** The folders in a folder that are named like splits, by the names of the splits. */
    static SortedMap<String, Path> splits(Path folder) throws IOException {
        SortedMap<String, Path> splits = new TreeMap<>();
        for (Path child : folders(folder)) {
            String split = SplitNames.of(name(child));
            Path other = split == null ? null : splits.put(split, child);
            if (other != null) {
                throw new IllegalArgumentException(other + " and " + child + " would both be the split " + split);
            }
        }
        return splits;
    }

    /**
     * The folders of splits in a folder; empty where none of them holds images and other folders do. Images next to
     * them are counted; other folders with images next to those of splits are refused.
     */
    static SortedMap<String, Path> onlySplits(Path folder, SkippedFiles skipped) throws IOException {
        SortedMap<String, Path> splits = splits(folder);
        List<Path> others = splits.isEmpty() ? List.of() : others(folder);
        if (!others.isEmpty()) {
            for (Path split : splits.values()) {
                if (hasImages(folder, split)) {
                    throw SplitNames.mixed(
                            folder,
                            splits.keySet(),
                            others.stream().map(FolderWalk::name).toList());
                }
            }
            return Collections.emptySortedMap();
        }
        if (!splits.isEmpty()) {
            files(folder, skipped).forEach(file -> skipped.add(Kind.BESIDE_SPLITS, file));
        }
        return splits;
    }

    /** The folders with images in a folder that are not named like splits. */
    static List<Path> others(Path folder) throws IOException {
        List<Path> others = new ArrayList<>();
        for (Path child : folders(folder)) {
            if (SplitNames.of(name(child)) == null && hasImages(folder, child)) {
                others.add(child);
            }
        }
        return others;
    }

    static boolean hasImages(Path folder, Path child) throws IOException {
        return new FolderWalk(folder, child).next() != null;
    }

    static void check(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException((Files.exists(folder) ? "not a folder: " : "no such folder: ")
                    + folder
                    + FileNames.localeHint(folder.toString()));
        }
    }

    static String name(Path path) {
        Path name = path.getFileName();
        return name == null ? "" : FileNames.text(name);
    }

    private static List<Path> children(Path folder, @Nullable SkippedFiles skipped) throws IOException {
        List<Path> all;
        try (Stream<Path> listed = Files.list(folder)) {
            all = listed.sorted(Comparator.comparing(FolderWalk::name)).toList();
        }
        if (skipped != null) {
            all.forEach(child -> skip(child, skipped));
        }
        return all.stream().filter(child -> !ImageNames.isHidden(name(child))).toList();
    }

    /** Counts a child of a folder that is neither entered nor an image. */
    private static void skip(Path child, SkippedFiles skipped) {
        boolean hidden = ImageNames.isHidden(name(child));
        if (Files.isDirectory(child)) {
            if (hidden) {
                skipped.add(Kind.HIDDEN_FOLDERS, child);
            }
        } else if (isImage(child) == hidden) {
            skipped.add(hidden ? Kind.HIDDEN_IMAGES : Kind.NOT_IMAGES, child);
        }
    }

    private static boolean isImage(Path file) {
        return ImageNames.isImage(name(file));
    }
}
