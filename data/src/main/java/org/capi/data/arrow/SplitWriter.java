package org.capi.data.arrow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.capi.data.arrow.DatasetInfo.ShardInfo;
import org.jspecify.annotations.Nullable;

/**
 * The shards of one split, written into a folder one after the other; where a shard ends depends only on the images that
 * came before.
 */
public final class SplitWriter implements AutoCloseable {

    /** The size at which a new shard begins, where nothing else is asked for. */
    public static final long SHARD_BYTES = 256L << 20;

    private final Path folder;
    private final long shardBytes;
    private final BufferAllocator allocator = new RootAllocator();
    private final List<ShardInfo> shards;
    private final List<Long> classCounts;
    private @Nullable ShardWriter shard;
    private long labelled;
    private long labelMaps;

    /** Goes on after the shards that are complete in a folder, in shards of about so many bytes of images. */
    public SplitWriter(Path folder, long shardBytes, ShardContents complete) {
        if (shardBytes < 1) {
            throw new IllegalArgumentException("the size of a shard must be at least 1 byte, was " + shardBytes);
        }
        this.folder = folder;
        this.shardBytes = shardBytes;
        this.shards = new ArrayList<>(complete.shards());
        this.classCounts = new ArrayList<>(complete.classCounts());
        this.labelled = complete.labelled();
        this.labelMaps = complete.labelMaps();
    }

    /** Appends an image; true when that completed a shard, which is then on the disk. */
    public boolean add(ImageRecord image) throws IOException {
        if (shard == null) {
            shard = new ShardWriter(folder.resolve(shardName(shards.size())), allocator);
        }
        shard.add(image);
        if (image.label() != ImageRecord.UNLABELLED) {
            labelled++;
            while (classCounts.size() <= image.label()) {
                classCounts.add(0L);
            }
            classCounts.set(image.label(), classCounts.get(image.label()) + 1);
        }
        labelMaps += image.labelMap() == null ? 0 : 1;
        if (shard.bytes() < shardBytes) {
            return false;
        }
        endShard();
        return true;
    }

    /** Completes the shard that was begun, if one was. */
    public void endShard() throws IOException {
        if (shard != null) {
            shards.add(shard.finish());
            shard = null;
        }
    }

    /** What the split holds, between two shards. */
    public ShardContents contents() {
        if (shard != null) {
            throw new IllegalStateException("the shard " + shardName(shards.size()) + " is not complete");
        }
        return new ShardContents(shards, labelled, labelMaps, classCounts);
    }

    /** Writes the description that makes a folder of complete shards a split of a dataset. */
    public static void describe(Path folder, DatasetInfo info) throws IOException {
        DatasetJson.write(folder, info);
    }

    @Override
    public void close() throws IOException {
        try (allocator) {
            if (shard != null) {
                shard.close();
            }
        }
    }

    /** What the shards of a split are called, from 0. */
    public static String shardName(int index) {
        String digits = Integer.toString(index);
        return "shard-" + "0".repeat(Math.max(0, 5 - digits.length())) + digits + ".arrow";
    }
}
