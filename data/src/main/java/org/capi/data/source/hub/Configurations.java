package org.capi.data.source.hub;

import java.nio.file.Path;
import java.util.TreeSet;

/** The variants of one data set that the hub serves side by side, a folder for each, of which only one can be imported. */
final class Configurations {

    private Configurations() {}

    /** Refuses a folder that holds several of them. */
    static void check(CollectionFiles files) {
        var found = new TreeSet<String>();
        for (Path file : files.files()) {
            String name = files.name(file);
            String folder = folder(name);
            String ofFolder = FileSplits.of(folder);
            if (ofFolder != null) {
                // The folder of a split, or below it: its parents are the configuration.
                while (FileSplits.of(folder) != null) {
                    folder = folder(folder);
                }
                found.add(folder);
            } else if (FileSplits.prefix(name) != null) {
                found.add(folder);
            }
        }
        if (found.size() > 1) {
            throw new IllegalArgumentException(files.root() + " holds several configurations: "
                    + String.join(", ", found) + "; give the folder of one of them");
        }
    }

    private static String folder(String path) {
        return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
    }
}
