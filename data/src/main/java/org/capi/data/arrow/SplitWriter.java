package org.capi.data.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.capi.data.arrow.DatasetInfo.ShardContents;
import org.capi.data.arrow.DatasetInfo.ShardInfo;
import org.capi.data.files.DurableFile.ChecksummedChannel;
import org.jspecify.annotations.Nullable;

/** Writes the shards of one split; where a shard ends depends only on the images before. */
public final class SplitWriter implements AutoCloseable {

    public static final long SHARD_BYTES = 256L << 20;

    private static final long BATCH_BYTES = 16L << 20;
    private static final int BATCH_ROWS = 4096;

    private final Path folder;
    private final long shardBytes;
    private final BufferAllocator allocator = new RootAllocator();
    private final List<ShardInfo> shards;
    private final List<Long> classCounts;
    private @Nullable OpenShard shard;
    private long labelled;
    private long labelMaps;

    /** Continues after the complete shards in a folder, in shards of about so many bytes of images. */
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
            shard = new OpenShard(folder.resolve(shardName(shards.size())), allocator);
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
        if (shard.bytes < shardBytes) {
            return false;
        }
        endShard();
        return true;
    }

    public void endShard() throws IOException {
        if (shard != null) {
            shards.add(shard.finish());
            shard = null;
        }
    }

    /** The content of the split, between two shards. */
    public ShardContents contents() {
        if (shard != null) {
            throw new IllegalStateException("the shard " + shardName(shards.size()) + " is not complete");
        }
        return new ShardContents(shards, labelled, labelMaps, classCounts);
    }

    /** Writes the description that makes a folder of complete shards a split of a dataset. */
    public static void describe(Path folder, DatasetInfo info) throws IOException {
        info.write(folder);
    }

    @Override
    public void close() throws IOException {
        try (allocator) {
            if (shard != null) {
                shard.close();
            }
        }
    }

    /** The name of a shard's file, by its number from 0. */
    public static String shardName(int index) {
        return String.format(Locale.ROOT, "shard-%05d.arrow", index);
    }

    /** The Arrow file that is being written, a record batch at a time. */
    private static final class OpenShard implements AutoCloseable {

        private final Path file;
        private final ChecksummedChannel channel;
        private final VectorSchemaRoot root;
        private final ArrowFileWriter writer;
        private int pendingRows;
        private long pendingBytes;
        private long rows;
        private long bytes; // of images and label maps

        OpenShard(Path file, BufferAllocator allocator) throws IOException {
            this.file = file;
            this.channel = new ChecksummedChannel(file);
            this.root = VectorSchemaRoot.create(Shard.SCHEMA, allocator);
            this.writer = new ArrowFileWriter(root, null, channel);
            writer.start();
        }

        void add(ImageRecord image) throws IOException {
            int row = pendingRows++;
            ByteBuffer map = image.labelMap();
            byte[] name = image.name().getBytes(StandardCharsets.UTF_8);
            long checksum = Shard.checksum(image.encoded());
            long mapChecksum = map == null ? -1 : Shard.checksum(map);
            ((VarCharVector) root.getVector(Shard.NAME)).setSafe(row, name);
            set(Shard.IMAGE, row, image.encoded());
            if (map == null) {
                binary(Shard.LABEL_MAP).setNull(row);
                longs(Shard.LABEL_MAP_CRC32C).setNull(row);
            } else {
                set(Shard.LABEL_MAP, row, map);
                longs(Shard.LABEL_MAP_CRC32C).setSafe(row, mapChecksum);
            }
            if (image.label() == ImageRecord.UNLABELLED) {
                ints(Shard.LABEL).setNull(row);
            } else {
                ints(Shard.LABEL).setSafe(row, image.label());
            }
            ints(Shard.WIDTH).setSafe(row, image.width());
            ints(Shard.HEIGHT).setSafe(row, image.height());
            longs(Shard.CRC32C).setSafe(row, checksum);
            longs(Shard.ROW_CRC32C)
                    .setSafe(
                            row,
                            Shard.rowChecksum(
                                    name, image.label(), image.width(), image.height(), checksum, mapChecksum));
            long added = image.encoded().remaining() + (map == null ? 0L : map.remaining());
            pendingBytes += added;
            bytes += added;
            if (pendingBytes >= BATCH_BYTES || pendingRows >= BATCH_ROWS) {
                flush();
            }
        }

        /** Completes the file and waits until it is on the disk. */
        ShardInfo finish() throws IOException {
            flush();
            writer.end();
            channel.force();
            writer.close();
            root.close();
            channel.close();
            return new ShardInfo(String.valueOf(file.getFileName()), rows, Files.size(file), channel.checksum());
        }

        @Override
        public void close() throws IOException {
            root.close();
            channel.close();
        }

        private void flush() throws IOException {
            if (pendingRows == 0) {
                return;
            }
            root.setRowCount(pendingRows);
            writer.writeBatch();
            root.clear();
            rows += pendingRows;
            pendingRows = 0;
            pendingBytes = 0;
        }

        /** Arrow moves the position of the buffer that it is given. */
        private void set(int column, int row, ByteBuffer bytes) {
            binary(column).setSafe(row, bytes.duplicate(), bytes.position(), bytes.remaining());
        }

        private VarBinaryVector binary(int column) {
            return (VarBinaryVector) root.getVector(column);
        }

        private BigIntVector longs(int column) {
            return (BigIntVector) root.getVector(column);
        }

        private IntVector ints(int column) {
            return (IntVector) root.getVector(column);
        }
    }
}
