package org.capi.data.source;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.capi.data.files.FileNames;

/** What is passed over when a collection is looked through, counted and with the first few names. */
public final class PassedOver {

    private static final int NAMED = 3;

    private final Path from;
    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    private final Map<Kind, List<String>> names = new EnumMap<>(Kind.class);

    /** What may be passed over. */
    public enum Kind {
        NOT_IMAGES("files that are not named like images"),
        HIDDEN_FOLDERS("hidden folders and those of a system"),
        HIDDEN_IMAGES("hidden images"),
        BESIDE_SPLITS("images beside the folders of the splits"),
        BESIDE_PAIR("images beside the folders of images and label maps"),
        OTHER_FOLDERS("other folders with images"),
        NO_SAMPLES("files that belong to no sample"),
        UNLISTED("images that no list of a split names"),
        LINKS("links and other special members");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    /** Nothing so far of a collection. */
    public PassedOver(Path from) {
        this.from = from;
    }

    /** Counts one. */
    public void add(Kind kind, String name) {
        counts.merge(kind, 1L, Long::sum);
        List<String> first = names.computeIfAbsent(kind, k -> new ArrayList<>());
        String shown = FileNames.shown(name);
        if (first.size() < NAMED && !first.contains(shown)) {
            first.add(shown);
        }
    }

    /** Counts one by its path below the collection's place. */
    public void add(Kind kind, Path path) {
        add(kind, FileNames.text(path.startsWith(from) ? from.relativize(path) : path));
    }

    /** A line for each kind. */
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        counts.forEach((kind, count) -> {
            List<String> first = names.getOrDefault(kind, List.of());
            String more = count > first.size() ? ", ..." : "";
            notes.add(kind.words + ", passed over in " + from + ": " + count + " (" + String.join(", ", first) + more
                    + ")");
        });
        return notes;
    }
}
