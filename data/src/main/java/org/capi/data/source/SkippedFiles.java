package org.capi.data.source;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.capi.data.files.FileNames;

/** The files that are skipped when a collection is scanned, counted and with the first few names. */
public final class SkippedFiles {

    private static final int NAMED = 3;

    private final Path from;
    private final Map<Kind, Count> counts = new EnumMap<>(Kind.class);

    /** What may be skipped. */
    public enum Kind {
        NOT_IMAGES("files that are not named like images"),
        HIDDEN_FOLDERS("hidden folders and those of a system"),
        HIDDEN_IMAGES("hidden images"),
        BESIDE_SPLITS("images next to the folders of the splits"),
        BESIDE_PAIR("images next to the folders of images and label maps"),
        OTHER_FOLDERS("other folders with images"),
        NO_SAMPLES("files that belong to no sample"),
        UNLISTED("images that no list of a split names"),
        LINKS("links and other special members");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    private static final class Count {
        private long files;
        private final List<String> first = new ArrayList<>();
    }

    public SkippedFiles(Path from) {
        this.from = from;
    }

    public void add(Kind kind, String name) {
        Count count = counts.computeIfAbsent(kind, k -> new Count());
        count.files++;
        String shown = FileNames.shown(name);
        if (count.first.size() < NAMED && !count.first.contains(shown)) {
            count.first.add(shown);
        }
    }

    /** Counts a file by its path below the collection. */
    public void add(Kind kind, Path path) {
        add(kind, FileNames.text(path.startsWith(from) ? from.relativize(path) : path));
    }

    public List<String> notes() {
        return counts.entrySet().stream()
                .map(e -> e.getKey().words + ", skipped in " + from + ": " + e.getValue().files + " ("
                        + String.join(", ", e.getValue().first)
                        + (e.getValue().files > e.getValue().first.size() ? ", ...)" : ")"))
                .toList();
    }
}
