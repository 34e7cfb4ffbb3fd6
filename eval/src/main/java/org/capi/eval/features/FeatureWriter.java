package org.capi.eval.features;

import static org.capi.eval.features.FeatureSchema.FEATURES;
import static org.capi.eval.features.FeatureSchema.LABEL;
import static org.capi.eval.features.FeatureSchema.NAME;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.util.Text;
import org.capi.data.arrow.ChecksummedChannel;
import org.capi.data.arrow.ImageRecord;
import org.jspecify.annotations.Nullable;

/** A file of features being written, image by image. */
public final class FeatureWriter implements FeatureSink, AutoCloseable {

    private static final int BATCH_BYTES = 16 << 20;

    /** The names of so many rows stay below the largest offset. */
    private static final int MAX_BATCH_ROWS = 1 << 18;

    private final Map<String, String> notes;
    private final List<String> classes;
    private final ChecksummedChannel channel;
    private final BufferAllocator allocator = new RootAllocator();
    private final Map<String, String> footer = new LinkedHashMap<>();
    private @Nullable Open open;
    private long rows;

    /** Creates the file, which must not be there. */
    FeatureWriter(Path file, Map<String, String> notes, List<String> classes) throws IOException {
        this.notes = Map.copyOf(notes);
        this.classes = List.copyOf(classes);
        channel = new ChecksummedChannel(file);
    }

    @Override
    public void add(String name, int label, FeatureShape shape, float[] values) throws IOException {
        if (open == null) {
            open = new Open(shape);
        }
        if (!open.shape.equals(shape)) {
            throw new IllegalStateException("the model gives features of another shape for the image " + name + ": "
                    + shape + " after " + open.shape);
        }
        var bytes = new Text(name);
        for (int vector = 0; vector < shape.vectors(); vector++) {
            open.add(bytes, label, values, vector * shape.dim());
        }
    }

    /** Completes the file and waits until it is on the disk. */
    void finish() throws IOException {
        if (open == null) {
            throw new IllegalStateException("there was no image to make features of");
        }
        open.flush();
        footer.put(FeatureSchema.ROWS, Long.toString(rows));
        footer.put(FeatureSchema.BYTES, Long.toString(open.writer.bytesWritten()));
        footer.put(FeatureSchema.CRC32C, Long.toString(channel.checksum()));
        open.writer.end();
        channel.force();
    }

    @Override
    public void close() throws IOException {
        if (open != null) {
            open.root.close();
        }
        allocator.close();
        channel.close();
    }

    /** What exists once the shape is known. */
    private final class Open {

        private final FeatureShape shape;
        private final int batchRows;
        private final VectorSchemaRoot root;
        private final ArrowFileWriter writer;
        private int pending;

        Open(FeatureShape shape) throws IOException {
            this.shape = shape;
            batchRows = Math.max(1, Math.min(MAX_BATCH_ROWS, BATCH_BYTES / Float.BYTES / shape.dim()));
            root = VectorSchemaRoot.create(FeatureSchema.of(shape, notes, classes), allocator);
            // The footer is written last; what it says is added until then.
            writer = new ArrowFileWriter(root, null, channel, footer, IpcOption.DEFAULT);
            writer.start();
        }

        void add(Text name, int label, float[] values, int at) throws IOException {
            if (pending == 0) {
                allocate();
            }
            var list = (FixedSizeListVector) root.getVector(FEATURES);
            list.setNotNull(pending);
            var data = (Float4Vector) list.getDataVector();
            long rowBytes = (long) shape.dim() * Float.BYTES;
            data.getDataBuffer()
                    .nioBuffer(pending * rowBytes, Math.toIntExact(rowBytes))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .put(values, at, shape.dim());
            if (label == ImageRecord.UNLABELLED) {
                ((IntVector) root.getVector(LABEL)).setNull(pending);
            } else {
                ((IntVector) root.getVector(LABEL)).setSafe(pending, label);
            }
            ((VarCharVector) root.getVector(NAME)).setSafe(pending, name);
            pending++;
            if (pending == batchRows) {
                flush();
            }
        }

        private void allocate() {
            root.getFieldVectors().forEach(vector -> vector.setInitialCapacity(batchRows));
            root.getFieldVectors().forEach(FieldVector::allocateNew);
            var data = ((FixedSizeListVector) root.getVector(FEATURES)).getDataVector();
            data.getValidityBuffer().setOne(0, data.getValidityBuffer().capacity());
        }

        void flush() throws IOException {
            if (pending == 0) {
                return;
            }
            root.setRowCount(pending);
            writer.writeBatch();
            root.clear();
            rows += pending;
            pending = 0;
        }
    }
}
