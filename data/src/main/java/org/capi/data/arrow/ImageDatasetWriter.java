package org.capi.data.arrow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.files.DurableFile;
import org.capi.data.files.FolderTree;

/** Writes one split beside its place and moves it there when it is complete; closed before that, it leaves nothing. */
public final class ImageDatasetWriter implements AutoCloseable {

    private final Path folder;
    private final Path partial;
    private final SplitWriter shards;

    private ImageDatasetWriter(Path folder, Path partial, long shardBytes) {
        this.folder = folder;
        this.partial = partial;
        this.shards = new SplitWriter(partial, shardBytes, ShardContents.NONE);
    }

    /** Begins a split in a folder that does not exist yet. */
    public static ImageDatasetWriter create(Path folder) throws IOException {
        return create(folder, SplitWriter.SHARD_BYTES);
    }

    /** Begins a split whose shards hold about so many bytes of images. */
    public static ImageDatasetWriter create(Path folder, long shardBytes) throws IOException {
        if (Files.exists(folder)) {
            throw new IllegalArgumentException("the dataset folder exists already: " + folder);
        }
        Path partial = DurableFile.beside(folder);
        Files.createDirectories(partial);
        return new ImageDatasetWriter(folder, partial, shardBytes);
    }

    /** Appends an image. */
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
            FolderTree.delete(partial);
        }
    }
}
