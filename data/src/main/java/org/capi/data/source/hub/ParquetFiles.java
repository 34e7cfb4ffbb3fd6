package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.capi.data.source.Source;
import org.capi.data.source.SourceOptions;
import org.jspecify.annotations.Nullable;

/**
 * Parquet files as the Hugging Face hub serves them: a column of images as structures of bytes and path, or as binary
 * data, and perhaps one of classes and one of label maps.
 *
 * <p>Files and folders are named after splits, as in {@code data/train-00000-of-00002.parquet} and {@code
 * default/train/0000.parquet}. A row is named after its file, its number and the end of its image's path.
 */
public final class ParquetFiles {

    /** The name of this kind of collection. */
    public static final String KIND = "parquet";

    private ParquetFiles() {}

    /**
     * Looks through a Parquet file, or all of them below a folder.
     *
     * @param split what to call the only split, or null to go by the names
     */
    public static Source open(Path from, @Nullable String split) throws IOException {
        return openWith(SourceOptions.of(split), from);
    }

    /** Looks through a Parquet file, or all of them below a folder. */
    public static Source openWith(SourceOptions options, Path from) throws IOException {
        CollectionFiles files = CollectionFiles.find(from, ".parquet");
        Configurations.check(files);
        List<Shard> shards =
                Shard.scan(files, options, file -> ParquetShard.scan(file, files.name(file), options.labels()));
        Map<String, List<Shard>> splits = FileSplits.bySplit(shards);
        return HubSource.of(KIND, from, options.split(), splits, TableShard.checkedClasses(splits), files.missing());
    }
}
