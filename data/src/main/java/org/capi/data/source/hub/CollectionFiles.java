package org.capi.data.source.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.capi.data.source.ImageNames;
import org.capi.data.source.SplitNames;

/**
 * The files of one kind that make up a collection, in the order of their paths.
 *
 * @param root the folder that the files' names are relative to
 */
record CollectionFiles(Path root, List<Path> files) {

    private static final int MAX_NAMED = 5;

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
                    .sorted(Comparator.comparing(file -> ImageNames.relative(from, file)))
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException("no " + String.join(" or ", suffixes) + " files in " + from);
            }
            return new CollectionFiles(from, found);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * The files that are missing by the names of others, as train-00001-of-00002.parquet is by the name of
     * train-00000-of-00002.parquet: a line for each of these series.
     */
    List<String> missing() {
        Map<String, Set<Integer>> found = new TreeMap<>(); // the numbers of the files, by series
        Map<String, Integer> totals = new HashMap<>();
        for (Path file : files) {
            String path = name(file);
            Matcher numbered = SplitNames.numbered(path);
            if (numbered.matches()) {
                int start = path.lastIndexOf('/') + 1;
                int end = numbered.group(4) == null ? numbered.end(3) : numbered.end(4);
                String series = path.substring(0, start + numbered.start(2)) + "*"
                        + path.substring(start + numbered.end(2), start + numbered.end(3))
                        + path.substring(start + end); // without the checksum that some names have
                found.computeIfAbsent(series, s -> new HashSet<>()).add(Integer.parseInt(numbered.group(2)));
                totals.put(series, Integer.parseInt(numbered.group(3)));
            }
        }
        List<String> missing = new ArrayList<>();
        found.forEach((series, numbers) -> {
            int total = totals.getOrDefault(series, 0);
            if (numbers.size() < total) {
                int first = numbers.contains(total) ? 1 : 0; // most count from 0
                String absent = IntStream.range(first, first + total)
                        .filter(number -> !numbers.contains(number))
                        .limit(MAX_NAMED)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(", "));
                missing.add("files are missing in " + root + ": of the " + total + " files " + series + " there are "
                        + numbers.size() + ", without number " + absent
                        + (total - numbers.size() > MAX_NAMED ? ", ..." : ""));
            }
        });
        return missing;
    }

    /** Refuses a folder that holds several variants of one data set, as the hub serves them, a folder for each. */
    void checkConfigurations() {
        var found = new TreeSet<String>();
        for (Path file : files) {
            String name = name(file);
            String folder = folder(name);
            if (SplitNames.ofPath(folder) != null) {
                // The folder of a split, or below it: its parents are the configuration.
                while (SplitNames.ofPath(folder) != null) {
                    folder = folder(folder);
                }
                found.add(folder);
            } else if (SplitNames.prefix(name) != null) {
                found.add(folder);
            }
        }
        if (found.size() > 1) {
            throw new IllegalArgumentException(root + " holds several configurations: " + String.join(", ", found)
                    + "; give the folder of one of them");
        }
    }

    private static String folder(String path) {
        return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
    }

    String name(Path file) {
        return ImageNames.relative(root, file);
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
