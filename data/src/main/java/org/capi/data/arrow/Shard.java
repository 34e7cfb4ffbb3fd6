package org.capi.data.arrow;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** One mapped Arrow file: its record batches, in order. */
record Shard(List<MappedBatch> batches) implements AutoCloseable {

    Shard {
        batches = List.copyOf(batches);
    }

    static Shard open(Path file, BufferAllocator allocator) throws IOException {
        List<MappedBatch> batches = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (ArrowBlock block : blocks(channel, allocator)) {
                batches.add(MappedBatch.map(channel, block, allocator));
            }
            return new Shard(batches);
        } catch (IOException | RuntimeException e) {
            batches.forEach(MappedBatch::close);
            throw e;
        }
    }

    /** Opens a file that is there, and has the size and the rows that its dataset expects. */
    static Shard open(Path file, DatasetInfo.ShardInfo expected, BufferAllocator allocator) throws IOException {
        checkSize(file, expected.bytes());
        Shard shard = open(file, allocator);
        if (shard.rows() != expected.rows()) {
            long rows = shard.rows();
            shard.close();
            throw new IOException("it has " + rows + " rows, not " + expected.rows());
        }
        return shard;
    }

    /** Refuses a file that is missing or has another size. */
    static void checkSize(Path file, long bytes) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("the file is missing");
        }
        if (Files.size(file) != bytes) {
            throw new IOException("it has " + Files.size(file) + " bytes, not " + bytes);
        }
    }

    long rows() {
        return batches.stream().mapToLong(MappedBatch::rows).sum();
    }

    @Override
    public void close() {
        batches.forEach(MappedBatch::close);
    }

    // The reader is left open with its channel: closing it would close the channel that the mapping needs.
    @SuppressWarnings("resource")
    private static List<ArrowBlock> blocks(FileChannel channel, BufferAllocator allocator) throws IOException {
        var reader = new ArrowFileReader(channel, allocator);
        Schema schema = reader.getVectorSchemaRoot().getSchema();
        reader.getVectorSchemaRoot().close();
        if (!columns(schema).equals(columns(Columns.SCHEMA))) {
            throw new IOException("its columns are " + columns(schema) + ", not " + columns(Columns.SCHEMA));
        }
        return reader.getRecordBlocks();
    }

    private static List<String> columns(Schema schema) {
        return schema.getFields().stream().map(Shard::column).toList();
    }

    private static String column(Field field) {
        return field.getName() + ": " + field.getType();
    }
}
