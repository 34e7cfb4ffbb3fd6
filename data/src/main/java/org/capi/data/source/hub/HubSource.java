package org.capi.data.source.hub;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.source.Source;
import org.capi.data.source.SourceSplit;

/** A collection whose splits are lists of files. */
record HubSource(String description, List<SourceSplit> splits, List<String> classes) implements Source {

    private static final Logger log = LogManager.getLogger(HubSource.class);

    HubSource {
        splits = List.copyOf(splits);
        classes = List.copyOf(classes);
    }

    /** Takes every split that has entries; a collection without any is refused. */
    static HubSource of(String kind, Path from, Map<String, ? extends List<? extends Shard>> shards, List<String> classes) {
        List<SourceSplit> splits = new ArrayList<>();
        shards.forEach((name, files) -> {
            var split = new ShardedSplit(name, List.copyOf(files));
            if (split.entries() > 0) {
                splits.add(split);
            } else {
                log.warn("the split {} of {} is empty", name, from);
            }
        });
        if (splits.isEmpty()) {
            throw new IllegalArgumentException("no images in " + from);
        }
        return new HubSource(kind + " " + from.toAbsolutePath().normalize(), splits, classes);
    }
}
