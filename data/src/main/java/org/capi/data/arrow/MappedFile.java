package org.capi.data.arrow;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * One mapped Arrow file: its record batches, in order.
 *
 * @param notes what the footer says besides
 */
public record MappedFile(Schema schema, Map<String, String> notes, List<MappedRecords> batches)
        implements AutoCloseable {

    public MappedFile {
        notes = Map.copyOf(notes);
        batches = List.copyOf(batches);
    }

    /** Maps every record batch; what is no Arrow file is refused by Arrow's exceptions, checked or not. */
    // The reader is left open with its channel: closing it would close the channel that the mapping needs.
    @SuppressWarnings("resource")
    public static MappedFile open(Path file, BufferAllocator allocator) throws IOException {
        List<MappedRecords> batches = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var reader = new ArrowFileReader(channel, allocator);
            Schema schema = reader.getVectorSchemaRoot().getSchema();
            reader.getVectorSchemaRoot().close();
            for (ArrowBlock block : reader.getRecordBlocks()) {
                batches.add(MappedRecords.map(channel, block, schema, allocator));
            }
            Map<String, String> notes = reader.getMetaData();
            return new MappedFile(schema, notes == null ? Map.of() : notes, batches);
        } catch (IOException | RuntimeException e) {
            batches.forEach(MappedRecords::close);
            throw e;
        }
    }

    /** How many rows, all batches together. */
    public long rows() {
        return batches.stream().mapToLong(MappedRecords::rows).sum();
    }

    @Override
    public void close() {
        batches.forEach(MappedRecords::close);
    }
}
