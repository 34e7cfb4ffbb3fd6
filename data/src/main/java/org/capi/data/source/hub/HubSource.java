package org.capi.data.source.hub;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.source.Source;
import org.capi.data.source.SourceSplit;
import org.capi.data.source.SplitNames;
import org.jspecify.annotations.Nullable;

/** A collection whose splits are lists of files. */
record HubSource(String description, List<SourceSplit> splits, List<String> classes, List<String> notes)
        implements Source {

    private static final Logger log = LogManager.getLogger(HubSource.class);

    HubSource {
        splits = List.copyOf(splits);
        classes = List.copyOf(classes);
        notes = List.copyOf(notes);
    }

    /**
     * Takes every split that has entries; a collection without any is refused.
     *
     * @param only what to call the only split, or null
     * @param notes what a user should know of
     */
    static HubSource of(
            String kind,
            Path from,
            @Nullable String only,
            Map<String, List<Shard>> shards,
            List<String> classes,
            List<String> notes) {
        if (only != null && shards.size() > 1) {
            throw new IllegalArgumentException("--split takes a collection of one split, " + from + " has "
                    + String.join(", ", shards.keySet()) + "; leave it out, or give the folder or file of one of them");
        }
        List<SourceSplit> splits = new ArrayList<>();
        shards.forEach((found, files) -> {
            String name = only == null ? found : only;
            SplitNames.check(name);
            var split = new ShardedSplit(name, files);
            if (split.entries() > 0) {
                splits.add(split);
            } else {
                log.warn("the split {} of {} is empty", name, from);
            }
        });
        if (splits.isEmpty()) {
            throw new IllegalArgumentException("no images in " + from);
        }
        return new HubSource(kind + " " + from.toAbsolutePath().normalize(), splits, classes, notes);
    }
}
