package org.capi.data.arrow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.arrow.DatasetInfo.ShardContents;
import org.capi.data.files.DurableFile;

/** Writes one split under another name and renames it when it is complete; closed before that, it leaves nothing. */
public final class ImageDatasetWriter implements AutoCloseable {

    private final Path folder;
    private final Path partial;
    private final SplitWriter shards;

    private ImageDatasetWriter(Path folder, Path partial, long shardBytes) {
        this.folder = folder;
        this.partial = partial;
        this.shards = new SplitWriter(partial, shardBytes, ShardContents.NONE);
    }

    /** Starts a split in a folder that does not exist yet. */
    public static ImageDatasetWriter create(Path folder) throws IOException {
        return create(folder, SplitWriter.SHARD_BYTES);
    }

    public static ImageDatasetWriter create(Path folder, long shardBytes) throws IOException {
        if (Files.exists(folder)) {
            throw new IllegalArgumentException("the dataset folder exists already: " + folder);
        }
        Path partial = DurableFile.sibling(folder);
        Files.createDirectories(partial);
        return new ImageDatasetWriter(folder, partial, shardBytes);
    }

    public void add(ImageRecord image) throws IOException {
        shards.add(image);
    }

    /** Completes the split and moves it to its place. */
    public DatasetInfo finish(String source, List<String> classes, DatasetInfo.Skipped skipped) throws IOException {
        shards.endShard();
        var info = DatasetInfo.of(source, classes, List.of(), shards.contents(), skipped, null);
        SplitWriter.describe(partial, info);
        DurableFile.move(partial, folder);
        return info;
    }

    @Override
    public void close() throws IOException {
        try {
            shards.close();
        } finally {
            DurableFile.deleteTree(partial);
        }
    }
}
