package org.capi.data.arrow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** One mapped Arrow file: its record batches, in order. */
record Shard(List<MappedBatch> batches) implements AutoCloseable {

    Shard {
        batches = List.copyOf(batches);
    }

    static Shard open(Path file, BufferAllocator allocator) throws IOException {
        MappedFile mapped = MappedFile.open(file, allocator);
        if (!columns(mapped.schema()).equals(columns(Columns.SCHEMA))) {
            mapped.close();
            throw new IOException("its columns are " + columns(mapped.schema()) + ", not " + columns(Columns.SCHEMA));
        }
        return new Shard(mapped.batches().stream().map(MappedBatch::new).toList());
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

    private static List<String> columns(Schema schema) {
        return schema.getFields().stream().map(Shard::column).toList();
    }

    private static String column(Field field) {
        return field.getName() + ": " + field.getType();
    }
}
