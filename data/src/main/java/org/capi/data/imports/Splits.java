package org.capi.data.imports;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.source.SplitNames;

/** The folder of a dataset with its splits: which are there, and the classes that all of them share. */
final class Splits {

    private Splits() {}

    /** Refuses a split that has no usable name or is there already. */
    static void checkNew(Path dataset, String split) {
        SplitNames.check(split);
        if (Files.exists(dataset.resolve(split))) {
            throw new IllegalArgumentException("the split " + split + " exists already in " + dataset);
        }
    }

    /** Refuses a dataset's folder that is none. */
    static void checkFolder(Path dataset) {
        if (Files.exists(dataset) && !Files.isDirectory(dataset)) {
            throw new IllegalArgumentException("the dataset folder " + dataset + " is a file");
        }
        if (Files.exists(dataset.resolve(DatasetInfo.FILE))) {
            throw new IllegalArgumentException(
                    dataset + " is itself a split of a dataset; --to names the folder that holds the splits");
        }
    }

    /** Every split that is there, by name. */
    static List<ImportedSplit> existing(Path dataset) throws IOException {
        List<ImportedSplit> splits = new ArrayList<>();
        if (Files.isDirectory(dataset)) {
            try (Stream<Path> children = Files.list(dataset)) {
                for (Path child : children.sorted().toList()) {
                    if (Files.exists(child.resolve(DatasetInfo.FILE))) {
                        splits.add(ImportedSplit.read(child));
                    }
                }
            }
        }
        return splits;
    }

    /** The classes that the splits share: those with fewer know the first of them. */
    static List<String> classes(List<ImportedSplit> splits) {
        List<String> longest = List.of();
        for (ImportedSplit split : splits) {
            List<String> classes = split.info().classes();
            longest = classes.size() > longest.size() ? classes : longest;
        }
        return longest;
    }
}
