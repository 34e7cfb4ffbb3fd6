package org.capi.data.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ForeignAllocation;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** A memory-mapped Arrow file: its record batches in order, and the metadata ({@code notes}) of its footer. */
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

    public long rows() {
        return batches.stream().mapToLong(MappedRecords::rows).sum();
    }

    @Override
    public void close() {
        batches.forEach(MappedRecords::close);
    }

    /** One record batch, whose vectors are the mapped file itself. */
    public static final class MappedRecords implements AutoCloseable {

        private final MappedByteBuffer body;
        private final long address;
        private final VectorSchemaRoot root;

        private MappedRecords(MappedByteBuffer body, VectorSchemaRoot root) {
            this.body = body;
            this.address = MemoryUtil.getByteBufferAddress(body);
            this.root = root;
        }

        private static MappedRecords map(FileChannel file, ArrowBlock block, Schema schema, BufferAllocator allocator)
                throws IOException {
            int metadataLength = block.getMetadataLength();
            ByteBuffer metadata = file.map(FileChannel.MapMode.READ_ONLY, block.getOffset(), metadataLength)
                    .order(ByteOrder.LITTLE_ENDIAN);
            // Since format 0.15 the length follows a continuation marker.
            metadata.position(metadata.getInt(0) == -1 ? 8 : 4);
            Message message = Message.getRootAsMessage(metadata.slice().order(ByteOrder.LITTLE_ENDIAN));
            MappedByteBuffer body =
                    file.map(FileChannel.MapMode.READ_ONLY, block.getOffset() + metadataLength, block.getBodyLength());
            VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
            try (var memory = allocator.wrapForeignAllocation(new Mapping(body));
                    ArrowRecordBatch batch = MessageSerializer.deserializeRecordBatch(message, memory)) {
                memory.getReferenceManager()
                        .retain(); // the record batch gives one reference back, this block the other
                checkRows(batch, schema, body.capacity());
                new VectorLoader(root).load(batch);
                return new MappedRecords(body, root);
            } catch (IOException | RuntimeException e) {
                root.close();
                throw e;
            }
        }

        /** Refuses columns shorter than their batch, whose missing rows Arrow would write into the mapping: a crash. */
        private static void checkRows(ArrowRecordBatch batch, Schema schema, long bodyBytes) throws IOException {
            long rows = batch.getLength();
            if (rows < 0 || rows > bodyBytes) {
                throw new IOException("a record batch of " + bodyBytes + " bytes cannot hold " + rows + " rows");
            }
            int node = 0;
            for (Field field : schema.getFields()) {
                if (node >= batch.getNodes().size()
                        || batch.getNodes().get(node).getLength() != rows) {
                    throw new IOException("a column of a record batch has not as many rows as the batch, " + rows);
                }
                node += nodes(field);
            }
        }

        private static int nodes(Field field) {
            return 1
                    + field.getChildren().stream()
                            .mapToInt(MappedRecords::nodes)
                            .sum();
        }

        public int rows() {
            return root.getRowCount();
        }

        /** The columns; not to be used once this is closed. */
        public VectorSchemaRoot columns() {
            return root;
        }

        /** A view of a part of one of the columns' buffers, which stays valid as long as it is referenced. */
        public ByteBuffer view(ArrowBuf buffer, long from, int length) {
            return body.slice(Math.toIntExact(buffer.memoryAddress() - address + from), length);
        }

        @Override
        public void close() {
            root.close();
        }
    }

    /** A mapped region as Arrow's memory, unmapped by the garbage collector. */
    private static final class Mapping extends ForeignAllocation {

        Mapping(MappedByteBuffer region) {
            super(region.capacity(), MemoryUtil.getByteBufferAddress(region));
        }

        @Override
        protected void release0() {}
    }
}
