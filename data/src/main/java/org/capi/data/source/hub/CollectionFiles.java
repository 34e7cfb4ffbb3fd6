package org.capi.data.source.hub;

import java.io.File;
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
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.capi.data.files.FileNames;
import org.capi.data.source.ImageNames;

/**
 * The files of one kind that make up a collection, in the order of their paths.
 *
 * @param root the folder that the files' names are relative to
 */
record CollectionFiles(Path root, List<Path> files) {

    private static final int NAMED = 5;

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

    /**
     * The files that are not there although the names of others say so, as train-00000-of-00002.parquet does of
     * train-00001-of-00002.parquet: a line for each of these series.
     */
    List<String> missing() {
        Map<String, Set<Integer>> found = new TreeMap<>(); // the numbers that are there, by series
        Map<String, Integer> totals = new HashMap<>();
        for (Path file : files) {
            String path = name(file);
            Matcher numbered = FileSplits.numbered(path);
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
                        .limit(NAMED)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(", "));
                missing.add("files are missing in " + root + ": of the " + total + " files " + series + " there are "
                        + numbers.size() + ", without number " + absent
                        + (total - numbers.size() > NAMED ? ", ..." : ""));
            }
        });
        return missing;
    }

    /** A file's path below the root, with slashes. */
    String name(Path file) {
        return name(root, file);
    }

    static String name(Path root, Path file) {
        return FileNames.text(root.relativize(file)).replace(File.separatorChar, '/');
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
