package org.capi.data.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.capi.data.arrow.DatasetInfo;

/** The folder of a dataset with its splits: their names, and the classes that all of them share. */
final class Splits {

    /** What folders are called, and the split that each means. */
    static final Map<String, String> FOLDER_NAMES =
            Map.of("train", "train", "training", "train", "val", "val", "validation", "val", "test", "test");

    private Splits() {}

    /** Refuses a split that has no usable name or is there already. */
    static void checkNew(Path dataset, String split) {
        if (!split.matches("[A-Za-z0-9_-]+")) {
            throw new IllegalArgumentException(
                    "a split's name is made of letters, digits, '_' and '-', was '" + split + "'");
        }
        if (Files.exists(dataset.resolve(split))) {
            throw new IllegalArgumentException("the split " + split + " exists already in " + dataset);
        }
        if (Files.exists(dataset) && !Files.isDirectory(dataset)) {
            throw new IllegalArgumentException("the dataset folder " + dataset + " is a file");
        }
    }

    /** The classes of the splits that are there, in the order of their labels, then the new ones in order of name. */
    static List<String> classes(Path dataset, Collection<String> names) throws IOException {
        List<String> classes = new ArrayList<>(known(dataset));
        var added = new TreeSet<>(names);
        classes.forEach(added::remove);
        classes.addAll(added);
        return List.copyOf(classes);
    }

    private static List<String> known(Path dataset) throws IOException {
        List<String> longest = List.of();
        if (!Files.isDirectory(dataset)) {
            return longest;
        }
        try (Stream<Path> children = Files.list(dataset)) {
            for (Path child : children.sorted().toList()) {
                if (!Files.exists(child.resolve("dataset.json"))
                        || child.toString().endsWith(".partial")) {
                    continue;
                }
                List<String> classes = DatasetInfo.read(child).classes();
                longest = classes.size() > longest.size() ? classes : longest;
            }
        }
        return longest;
    }
}
