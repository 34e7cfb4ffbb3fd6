package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.source.PassedOver;
import org.capi.data.source.Source;
import org.capi.data.source.SourceOptions;
import org.jspecify.annotations.Nullable;

/**
 * Archives in the form of WebDataset: consecutive files with the same name up to its first dot are one sample, such as
 * {@code 000017.jpg} and {@code 000017.cls}.
 *
 * <p>The class is in {@code .cls} (a number, else a name), or in {@code .json} under one of the keys class_name, label_name,
 * label, cls, class; -1 means none. Of an archive that breaks off, the samples before the one it breaks off in are read.
 */
public final class WebDataset {

    /** The name of this kind of collection. */
    public static final String KIND = "webdataset";

    private WebDataset() {}

    /**
     * Looks through a tar archive, or all .tar, .tar.gz and .tgz files below a folder, which may be named after splits.
     *
     * @param split what to call the only split, or null to go by the names
     */
    public static Source open(Path from, @Nullable String split) throws IOException {
        return openWith(SourceOptions.of(split), from);
    }

    /** Looks through a tar archive, or all of them below a folder. */
    public static Source openWith(SourceOptions options, Path from) throws IOException {
        CollectionFiles files = CollectionFiles.find(from, ".tar", ".tar.gz", ".tgz");
        List<String> notes = new ArrayList<>(files.missing());
        var passed = new PassedOver(from);
        List<Shard> shards = Shard.scan(
                files, options, file -> TarShard.scan(file, files.name(file), options.labels(), passed, notes));
        notes.addAll(passed.notes());
        return HubSource.of(KIND, from, options.split(), FileSplits.bySplit(shards), List.of(), notes);
    }
}
