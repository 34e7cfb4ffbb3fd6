package org.capi.data.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ForeignAllocation;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;

/** One record batch of a shard, read where the file is mapped; nothing is copied but names. */
final class MappedBatch implements AutoCloseable {

    private final MappedByteBuffer body;
    private final long address;
    private final VectorSchemaRoot root;

    private MappedBatch(MappedByteBuffer body, VectorSchemaRoot root) {
        this.body = body;
        this.address = MemoryUtil.getByteBufferAddress(body);
        this.root = root;
    }

    static MappedBatch map(FileChannel file, ArrowBlock block, BufferAllocator allocator) throws IOException {
        int metadataLength = block.getMetadataLength();
        ByteBuffer metadata = file.map(FileChannel.MapMode.READ_ONLY, block.getOffset(), metadataLength)
                .order(ByteOrder.LITTLE_ENDIAN);
        // Since format 0.15 the length follows a continuation marker.
        metadata.position(metadata.getInt(0) == -1 ? 8 : 4);
        Message message = Message.getRootAsMessage(metadata.slice().order(ByteOrder.LITTLE_ENDIAN));
        MappedByteBuffer body =
                file.map(FileChannel.MapMode.READ_ONLY, block.getOffset() + metadataLength, block.getBodyLength());
        VectorSchemaRoot root = VectorSchemaRoot.create(Columns.SCHEMA, allocator);
        try (var memory = allocator.wrapForeignAllocation(new Mapping(body));
                ArrowRecordBatch batch = MessageSerializer.deserializeRecordBatch(message, memory)) {
            memory.getReferenceManager().retain(); // the record batch gives one reference back, this block the other
            new VectorLoader(root).load(batch);
            return new MappedBatch(body, root);
        } catch (IOException | RuntimeException e) {
            root.close();
            throw e;
        }
    }

    int rows() {
        return root.getRowCount();
    }

    String name(int row) {
        return new String(((VarCharVector) root.getVector(Columns.NAME)).get(row), StandardCharsets.UTF_8);
    }

    /** A view of the mapped file, which stays valid as long as somebody holds it. */
    ByteBuffer binary(String column, int row) {
        var vector = (VarBinaryVector) root.getVector(column);
        int start = vector.getStartOffset(row);
        long offset = vector.getDataBuffer().memoryAddress() - address + start;
        return body.slice(Math.toIntExact(offset), vector.getEndOffset(row) - start);
    }

    boolean isNull(String column, int row) {
        return root.getVector(column).isNull(row);
    }

    int number(String column, int row) {
        return ((IntVector) root.getVector(column)).get(row);
    }

    /** The label, or {@link ImageRecord#UNLABELLED}. */
    int label(int row) {
        return isNull(Columns.LABEL, row) ? ImageRecord.UNLABELLED : number(Columns.LABEL, row);
    }

    long checksum(int row) {
        return ((BigIntVector) root.getVector(Columns.CRC32C)).get(row);
    }

    @Override
    public void close() {
        root.close();
    }

    /** The mapped region as Arrow's memory; {@link #body} keeps it mapped, and the collector unmaps it. */
    private static final class Mapping extends ForeignAllocation {

        Mapping(MappedByteBuffer region) {
            super(region.capacity(), MemoryUtil.getByteBufferAddress(region));
        }

        @Override
        protected void release0() {}
    }
}
