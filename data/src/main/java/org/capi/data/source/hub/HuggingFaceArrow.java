package org.capi.data.source.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.capi.data.source.Source;
import org.capi.data.source.SplitNames;
import org.jspecify.annotations.Nullable;

/**
 * Arrow files of the {@code datasets} library: a folder from {@code save_to_disk} (one data set, or a dictionary of
 * splits), or a file of its cache or a folder of such files, in the stream or the file format.
 */
public final class HuggingFaceArrow {

    /** The name of this kind of collection. */
    public static final String KIND = "hf-arrow";

    private static final String DICTIONARY = "dataset_dict.json";

    private HuggingFaceArrow() {}

    /**
     * Looks through a saved data set, or the Arrow files at a place.
     *
     * @param split what to call the only split, or null to go by the names
     */
    public static Source open(Path from, @Nullable String split) throws IOException {
        List<String> notes = new ArrayList<>();
        Map<String, ? extends List<ArrowShard>> splits = splits(from, notes);
        return HubSource.of(KIND, from, split, splits, TableShard.checkedClasses(splits), notes);
    }

    private static Map<String, ? extends List<ArrowShard>> splits(Path from, List<String> notes) throws IOException {
        if (Files.exists(from.resolve(DICTIONARY))) {
            Map<String, List<ArrowShard>> splits = new TreeMap<>();
            for (JsonNode name : SavedDataset.read(from.resolve(DICTIONARY)).path("splits")) {
                String split = SplitNames.canonical(name.asText());
                if (splits.put(split, SavedDataset.shards(from, from.resolve(name.asText()))) != null) {
                    throw new IllegalArgumentException(
                            "two splits of " + from.resolve(DICTIONARY) + " would both be the split " + split);
                }
            }
            return splits;
        }
        if (Files.exists(from.resolve(SavedDataset.STATE))) {
            return Map.of(SavedDataset.split(from), SavedDataset.shards(from, from));
        }
        CollectionFiles files = CollectionFiles.find(from, ".arrow");
        notes.addAll(files.missing());
        return FileSplits.bySplit(loose(files));
    }

    private static List<ArrowShard> loose(CollectionFiles files) throws IOException {
        List<ArrowShard> shards = new ArrayList<>();
        for (Path file : files.files()) {
            // What datasets keeps of computations beside the data.
            if (files.files().size() == 1 || !String.valueOf(file.getFileName()).startsWith("cache-")) {
                Path folder = file.getParent();
                shards.add(ArrowShard.scan(
                        file, files.name(file), folder == null ? Features.NONE : SavedDataset.features(folder)));
            }
        }
        return shards;
    }
}
