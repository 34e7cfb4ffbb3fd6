package org.capi.data.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileWriter;

/** One Arrow file being written, a record batch at a time. */
final class ShardWriter implements AutoCloseable {

    private static final long BATCH_BYTES = 16L << 20;
    private static final int BATCH_ROWS = 4096;

    private final Path file;
    private final ChecksummedChannel channel;
    private final VectorSchemaRoot root;
    private final ArrowFileWriter writer;
    private int pendingRows;
    private long pendingBytes;
    private long rows;
    private long bytes;

    ShardWriter(Path file, BufferAllocator allocator) throws IOException {
        this.file = file;
        this.channel = new ChecksummedChannel(file);
        this.root = VectorSchemaRoot.create(Columns.SCHEMA, allocator);
        this.writer = new ArrowFileWriter(root, null, channel);
        writer.start();
    }

    void add(ImageRecord image) throws IOException {
        int row = pendingRows++;
        var map = image.labelMap();
        byte[] name = image.name().getBytes(StandardCharsets.UTF_8);
        long mapChecksum = map == null ? -1 : Columns.checksum(map);
        long checksum = Columns.checksum(image.encoded());
        ((VarCharVector) root.getVector(Columns.NAME)).setSafe(row, name);
        set(Columns.IMAGE, row, image.encoded());
        if (map == null) {
            binary(Columns.LABEL_MAP).setNull(row);
            longs(Columns.LABEL_MAP_CRC32C).setNull(row);
        } else {
            set(Columns.LABEL_MAP, row, map);
            longs(Columns.LABEL_MAP_CRC32C).setSafe(row, mapChecksum);
        }
        if (image.label() == ImageRecord.UNLABELLED) {
            ints(Columns.LABEL).setNull(row);
        } else {
            ints(Columns.LABEL).setSafe(row, image.label());
        }
        ints(Columns.WIDTH).setSafe(row, image.width());
        ints(Columns.HEIGHT).setSafe(row, image.height());
        longs(Columns.CRC32C).setSafe(row, checksum);
        longs(Columns.ROW_CRC32C)
                .setSafe(
                        row,
                        Columns.rowChecksum(name, image.label(), image.width(), image.height(), checksum, mapChecksum));
        pendingBytes += image.encoded().remaining() + (map == null ? 0 : map.remaining());
        if (pendingBytes >= BATCH_BYTES || pendingRows >= BATCH_ROWS) {
            flush();
        }
    }

    /** The bytes of images and label maps taken so far. */
    long bytes() {
        return bytes + pendingBytes;
    }

    /** Completes the file and waits until it is on the disk. */
    DatasetInfo.ShardInfo finish() throws IOException {
        flush();
        writer.end();
        channel.force();
        writer.close();
        root.close();
        channel.close();
        return new DatasetInfo.ShardInfo(
                String.valueOf(file.getFileName()), rows, Files.size(file), channel.checksum());
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
        bytes += pendingBytes;
        pendingRows = 0;
        pendingBytes = 0;
    }

    /** Arrow moves the position of the buffer that it is given. */
    private void set(String column, int row, ByteBuffer bytes) {
        binary(column).setSafe(row, bytes.duplicate(), bytes.position(), bytes.remaining());
    }

    private VarBinaryVector binary(String column) {
        return (VarBinaryVector) root.getVector(column);
    }

    private BigIntVector longs(String column) {
        return (BigIntVector) root.getVector(column);
    }

    private IntVector ints(String column) {
        return (IntVector) root.getVector(column);
    }
}
