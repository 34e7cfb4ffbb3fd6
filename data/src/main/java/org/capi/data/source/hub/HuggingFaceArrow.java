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
import org.capi.data.source.SourceOptions;
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
        return openWith(SourceOptions.of(split), from);
    }

    /** Looks through a saved data set, or the Arrow files at a place. */
    public static Source openWith(SourceOptions options, Path from) throws IOException {
        List<String> notes = new ArrayList<>();
        Map<String, List<Shard>> splits = splits(from, options, notes);
        return HubSource.of(KIND, from, options.split(), splits, TableShard.checkedClasses(splits), notes);
    }

    private static Map<String, List<Shard>> splits(Path from, SourceOptions options, List<String> notes)
            throws IOException {
        if (Files.exists(from.resolve(DICTIONARY))) {
            Map<String, List<Shard>> splits = new TreeMap<>();
            for (JsonNode name : SavedDataset.read(from.resolve(DICTIONARY)).path("splits")) {
                String split = SplitNames.canonical(name.asText());
                Path folder = SavedDataset.listed(from.resolve(DICTIONARY), name);
                if (splits.put(split, SavedDataset.shards(from, folder, options)) != null) {
                    throw new IllegalArgumentException(
                            "two splits of " + from.resolve(DICTIONARY) + " would both be the split " + split);
                }
            }
            return splits;
        }
        if (Files.exists(from.resolve(SavedDataset.STATE))) {
            return Map.of(SavedDataset.split(from), SavedDataset.shards(from, from, options));
        }
        CollectionFiles files = CollectionFiles.find(from, ".arrow");
        notes.addAll(files.missing());
        return FileSplits.bySplit(loose(files, options));
    }

    private static List<Shard> loose(CollectionFiles all, SourceOptions options) throws IOException {
        // What datasets keeps of computations beside the data is left out.
        List<Path> files = all.files().size() == 1
                ? all.files()
                : all.files().stream()
                        .filter(file -> !String.valueOf(file.getFileName()).startsWith("cache-"))
                        .toList();
        return Shard.scan(new CollectionFiles(all.root(), files), options, file -> {
            Path folder = file.getParent();
            Features features = folder == null ? Features.NONE : SavedDataset.features(folder);
            return ArrowShard.scan(file, all.name(file), features, options.labels());
        });
    }
}
