package org.capi.data.arrow;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Writes one split beside its place and moves it there when it is complete; closed before {@link #finish}, it leaves
 * nothing.
 */
public final class ImageDatasetWriter implements AutoCloseable {

    /** The size at which a new shard begins. */
    public static final long SHARD_BYTES = 256L << 20;

    private final Path folder;
    private final Path partial;
    private final long shardBytes;
    private final BufferAllocator allocator = new RootAllocator();
    private final List<DatasetInfo.ShardInfo> shards = new ArrayList<>();
    private @Nullable ShardWriter shard;
    private long images;
    private long labelled;
    private long labelMaps;

    private ImageDatasetWriter(Path folder, Path partial, long shardBytes) {
        this.folder = folder;
        this.partial = partial;
        this.shardBytes = shardBytes;
    }

    /** Begins a split in a folder that does not exist yet. */
    public static ImageDatasetWriter create(Path folder) throws IOException {
        return create(folder, SHARD_BYTES);
    }

    /** Begins a split whose shards hold about so many bytes of images. */
    public static ImageDatasetWriter create(Path folder, long shardBytes) throws IOException {
        if (shardBytes < 1) {
            throw new IllegalArgumentException("the size of a shard must be at least 1 byte, was " + shardBytes);
        }
        if (Files.exists(folder)) {
            throw new IllegalArgumentException("the dataset folder exists already: " + folder);
        }
        Path partial = folder.resolveSibling(folder.getFileName() + ".partial");
        delete(partial);
        Files.createDirectories(partial);
        return new ImageDatasetWriter(folder, partial, shardBytes);
    }

    /** Appends an image. */
    public void add(ImageRecord image) throws IOException {
        if (shard == null) {
            shard = new ShardWriter(partial.resolve(shardName(shards.size())), allocator);
        }
        shard.add(image);
        images++;
        labelled += image.label() == ImageRecord.UNLABELLED ? 0 : 1;
        labelMaps += image.labelMap() == null ? 0 : 1;
        if (shard.bytes() >= shardBytes) {
            endShard(shard);
        }
    }

    /** The images taken so far. */
    public long images() {
        return images;
    }

    /** Completes the split and moves it to its place. */
    public DatasetInfo finish(String source, List<String> classes, DatasetInfo.Skipped skipped) throws IOException {
        if (shard != null) {
            endShard(shard);
        }
        var info = new DatasetInfo(
                DatasetInfo.FORMAT_VERSION, source, images, labelled, labelMaps, classes, shards, skipped);
        info.write(partial);
        Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        return info;
    }

    @Override
    public void close() throws IOException {
        try (allocator) {
            if (shard != null) {
                shard.close();
            }
        } finally {
            delete(partial);
        }
    }

    private void endShard(ShardWriter full) throws IOException {
        shards.add(full.finish());
        shard = null;
    }

    private static String shardName(int index) {
        String digits = Integer.toString(index);
        return "shard-" + "0".repeat(Math.max(0, 5 - digits.length())) + digits + ".arrow";
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path done, @Nullable IOException failure) throws IOException {
                Files.delete(done);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
