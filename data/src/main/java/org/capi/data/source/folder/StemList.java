package org.capi.data.source.folder;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.capi.data.source.SplitNames;
import org.jspecify.annotations.Nullable;

/** A split as PASCAL VOC writes it: a file that names images without their suffix, one in a line. */
final class StemList implements AutoCloseable {

    private static final List<String> SUFFIXES = List.of(".jpg", ".png", ".jpeg", ".JPG", ".PNG", ".JPEG");

    private static final String TRAINVAL = "trainval";

    private final BufferedReader lines;

    StemList(Path file) throws IOException {
        this.lines = Files.newBufferedReader(file);
    }

    /** The lists of a collection by the names of their splits; trainval only where the two are not there by themselves. */
    static Map<String, Path> in(Path folder) throws IOException {
        Path sets = folder.resolve("ImageSets").resolve("Segmentation");
        Map<String, Path> lists = new TreeMap<>();
        if (!Files.isDirectory(sets)) {
            return lists;
        }
        try (Stream<Path> files = Files.list(sets)) {
            for (Path list : (Iterable<Path>) files.sorted()::iterator) {
                String name = FolderWalk.name(list);
                String stem = name.endsWith(".txt") ? name.substring(0, name.length() - ".txt".length()) : "";
                String split = stem.equals(TRAINVAL) ? TRAINVAL : SplitNames.of(stem);
                Path other = split == null ? null : lists.put(split, list);
                if (other != null) {
                    throw new IllegalArgumentException(other + " and " + list + " would both be the split " + split);
                }
            }
        }
        if (lists.containsKey("train") || lists.containsKey("val")) {
            lists.remove(TRAINVAL);
        }
        return lists;
    }

    /** The next name, or null at the end. */
    @Nullable
    String next() throws IOException {
        String line = lines.readLine();
        while (line != null && line.isBlank()) {
            line = lines.readLine();
        }
        return line == null ? null : line.strip();
    }

    /** The image of a name; where there is none, one that is missing. */
    static Path image(Path images, String stem) {
        for (String suffix : SUFFIXES) {
            Path image = images.resolve(stem + suffix);
            if (Files.exists(image)) {
                return image;
            }
        }
        return images.resolve(stem + SUFFIXES.get(0));
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
