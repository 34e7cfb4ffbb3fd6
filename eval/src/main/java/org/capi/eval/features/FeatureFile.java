package org.capi.eval.features;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
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
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.Text;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.arrow.MappedFile;
import org.capi.data.arrow.MappedFile.MappedRecords;
import org.capi.data.files.DurableFile.ChecksummedChannel;
import org.capi.eval.features.Representation.FeatureShape;
import org.capi.eval.rows.FeatureRows;
import org.jspecify.annotations.Nullable;

/**
 * Features on the disk, memory-mapped: an Arrow file with a row for every vector, {@code features} (a fixed-size list
 * of float32, {@code [dim]}), {@code label} (null where the image has none) and {@code name} (of the image). May be
 * read from several threads at once.
 *
 * <p>Several vectors of an image are image-major, then by patch row, then by patch column: row
 * {@code (image · rows + r) · columns + c} is the patch at (r, c).
 */
public final class FeatureFile implements FeatureRows, AutoCloseable {

    static final String FEATURES = "features";
    static final String LABEL = "label";
    static final String NAME = "name";

    /** Notes of the schema. */
    static final String CLASSES = "capi.classes";

    private static final String PATCH_ROWS = "capi.patch_rows";
    private static final String PATCH_COLUMNS = "capi.patch_columns";

    /** Notes of the footer: the number of rows, and a checksum of the bytes before the footer. */
    private static final String ROWS = "capi.rows";

    private static final String BYTES = "capi.bytes";
    private static final String CRC_32C = "capi.crc32c";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final BufferAllocator allocator;
    private final MappedFile file;
    private final FeatureShape shape;
    private final List<String> classes;
    private final List<FloatBuffer> parts = new ArrayList<>();
    private final int[] firstRows;
    private final int size;

    private FeatureFile(BufferAllocator allocator, MappedFile file) throws IOException {
        this.allocator = allocator;
        this.file = file;
        shape = new FeatureShape(
                Integer.parseInt(String.valueOf(notes().get(PATCH_ROWS))),
                Integer.parseInt(String.valueOf(notes().get(PATCH_COLUMNS))),
                ((ArrowType.FixedSizeList) file.schema().findField(FEATURES).getType()).getListSize());
        classes = classes(notes().get(CLASSES));
        size = Math.toIntExact(file.rows());
        long vectors = (long) shape.rows() * shape.columns();
        if (shape.rows() < 1 || shape.columns() < 1 || shape.dim() < 1 || size % vectors != 0) {
            throw new IOException("its " + size + " rows are no images of " + shape.rows() + " x " + shape.columns()
                    + " vectors of " + shape.dim());
        }
        firstRows = new int[file.batches().size()];
        int row = 0;
        for (int i = 0; i < firstRows.length; i++) {
            firstRows[i] = row;
            MappedRecords records = file.batches().get(i);
            var columns = records.columns();
            if (!(columns.getVector(LABEL) instanceof IntVector)
                    || !(columns.getVector(NAME) instanceof VarCharVector)) {
                throw new IOException("it lacks the column label (int32) or name (text)");
            }
            row += records.rows();
            var list = (FixedSizeListVector) columns.getVector(FEATURES);
            var data = (Float4Vector) list.getDataVector();
            ByteBuffer bytes = records.view(data.getDataBuffer(), 0, records.rows() * shape.dim() * Float.BYTES);
            parts.add(bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer());
        }
    }

    private static List<String> classes(@Nullable String json) throws IOException {
        try {
            String[] names = JSON.readValue(String.valueOf(json), String[].class);
            if (names != null && !Arrays.asList(names).contains(null)) {
                return List.of(names);
            }
        } catch (JsonProcessingException e) {
            throw new IOException("its note " + CLASSES + " is not a list of names", e);
        }
        throw new IOException("its note " + CLASSES + " is not a list of names");
    }

    static String json(List<String> names) {
        try {
            return JSON.writeValueAsString(names);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write as JSON: " + names, e);
        }
    }

    /** Opens a file and checks that every byte is as it was written; if not, the error names what is wrong. */
    public static FeatureFile open(Path path) throws IOException {
        BufferAllocator allocator = new RootAllocator();
        MappedFile file = null;
        try {
            file = MappedFile.open(path, allocator);
            check(path, file);
            return new FeatureFile(allocator, file);
        } catch (IOException | RuntimeException e) {
            if (file != null) {
                file.close();
            }
            String why = e instanceof IOException
                    ? e.getMessage()
                    : "it is damaged (" + e.getClass().getSimpleName() + ")";
            throw new IOException("the features " + path + " cannot be read: " + why, e);
        }
    }

    private static void check(Path path, MappedFile file) throws IOException {
        if (number(file, ROWS) != file.rows()) {
            throw new IOException("it has " + file.rows() + " rows, not " + number(file, ROWS));
        }
        var crc = new CRC32C();
        long left = number(file, BYTES);
        ByteBuffer part = ByteBuffer.allocateDirect(1 << 20);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            while (left > 0 && channel.read(part.clear().limit((int) Math.min(part.capacity(), left))) >= 0) {
                left -= part.flip().remaining();
                crc.update(part);
            }
        }
        if (left != 0 || crc.getValue() != number(file, CRC_32C)) {
            throw new IOException("its checksum differs");
        }
    }

    private static long number(MappedFile file, String note) throws IOException {
        String text = file.notes().get(note);
        if (text == null) {
            throw new IOException("it lacks the note " + note);
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IOException("its note " + note + " is not a number", e);
        }
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int dim() {
        return shape.dim();
    }

    /** The shape of one image's features. */
    public FeatureShape shape() {
        return shape;
    }

    public int images() {
        return size / shape.vectors();
    }

    public List<String> classes() {
        return classes;
    }

    /** The schema's notes, such as {@code capi.model} and {@code capi.representation}. */
    public Map<String, String> notes() {
        return file.schema().getCustomMetadata();
    }

    /** All values in place, {@code [rows, dim]} each, one part after the other. */
    public List<FloatBuffer> parts() {
        return parts.stream().map(FloatBuffer::duplicate).toList();
    }

    @Override
    public void read(int from, int count, float[] into, int at) {
        if (from < 0 || count < 0 || count > size - from) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + (from + (long) count) + " of " + size);
        }
        int row = from;
        while (row < from + count) {
            int part = part(row);
            int inPart = row - firstRows[part];
            int rows = Math.min(from + count - row, file.batches().get(part).rows() - inPart);
            parts.get(part).get(inPart * dim(), into, at + (row - from) * dim(), rows * dim());
            row += rows;
        }
    }

    /** The label of a row's image, or {@link ImageRecord#UNLABELLED}. */
    public int label(int row) {
        int part = part(row);
        var labels = (IntVector) file.batches().get(part).columns().getVector(LABEL);
        int inPart = row - firstRows[part];
        return labels.isNull(inPart) ? ImageRecord.UNLABELLED : labels.get(inPart);
    }

    public String name(int row) {
        int part = part(row);
        var names = (VarCharVector) file.batches().get(part).columns().getVector(NAME);
        return new String(names.get(row - firstRows[part]), StandardCharsets.UTF_8);
    }

    private int part(int row) {
        int found = Arrays.binarySearch(firstRows, row);
        return found >= 0 ? found : -found - 2;
    }

    @Override
    public void close() {
        file.close();
        allocator.close();
    }

    /** Takes the features of images, one image after the other. */
    @FunctionalInterface
    public interface Sink {

        /**
         * Adds an image's features; all images must have the same shape.
         *
         * @param label an index into the classes, or {@link ImageRecord#UNLABELLED}
         * @param values {@code [rows, columns, dim]}
         */
        void add(String name, int label, FeatureShape shape, float[] values) throws IOException;
    }

    /** Writes a file, image by image. */
    static final class Writer implements Sink, AutoCloseable {

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

        /** Creates the file, which must not exist. */
        Writer(Path file, Map<String, String> notes, List<String> classes) throws IOException {
            this.notes = Map.copyOf(notes);
            this.classes = List.copyOf(classes);
            channel = new ChecksummedChannel(file);
        }

        private Schema schema(FeatureShape shape) {
            var float32 = new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
            var list = FieldType.notNullable(new ArrowType.FixedSizeList(shape.dim()));
            var features = new Field(FEATURES, list, List.of(Field.nullable("item", float32)));
            var label = Field.nullable(LABEL, new ArrowType.Int(32, true));
            var name = new Field(NAME, FieldType.notNullable(ArrowType.Utf8.INSTANCE), null);
            Map<String, String> all = new LinkedHashMap<>(notes);
            all.put(PATCH_ROWS, Integer.toString(shape.rows()));
            all.put(PATCH_COLUMNS, Integer.toString(shape.columns()));
            all.put(CLASSES, json(classes));
            return new Schema(List.of(features, label, name), all);
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
            footer.put(ROWS, Long.toString(rows));
            footer.put(BYTES, Long.toString(open.writer.bytesWritten()));
            footer.put(CRC_32C, Long.toString(channel.checksum()));
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

        /** The state once the shape is known. */
        private final class Open {

            private final FeatureShape shape;
            private final int batchRows;
            private final VectorSchemaRoot root;
            private final FixedSizeListVector features;
            private final IntVector labels;
            private final VarCharVector names;
            private final ArrowFileWriter writer;
            private int pending;

            Open(FeatureShape shape) throws IOException {
                this.shape = shape;
                batchRows = Math.max(1, Math.min(MAX_BATCH_ROWS, BATCH_BYTES / Float.BYTES / shape.dim()));
                root = VectorSchemaRoot.create(schema(shape), allocator);
                features = (FixedSizeListVector) root.getVector(FEATURES);
                labels = (IntVector) root.getVector(LABEL);
                names = (VarCharVector) root.getVector(NAME);
                // The footer is written last; its notes are added until then.
                writer = new ArrowFileWriter(root, null, channel, footer, IpcOption.DEFAULT);
                writer.start();
            }

            void add(Text name, int label, float[] values, int at) throws IOException {
                if (pending == 0) {
                    root.getFieldVectors().forEach(vector -> vector.setInitialCapacity(batchRows));
                    root.getFieldVectors().forEach(FieldVector::allocateNew);
                    var validity = features.getDataVector().getValidityBuffer();
                    validity.setOne(0, validity.capacity());
                }
                features.setNotNull(pending);
                long rowBytes = (long) shape.dim() * Float.BYTES;
                features.getDataVector()
                        .getDataBuffer()
                        .nioBuffer(pending * rowBytes, Math.toIntExact(rowBytes))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer()
                        .put(values, at, shape.dim());
                if (label == ImageRecord.UNLABELLED) {
                    labels.setNull(pending);
                } else {
                    labels.setSafe(pending, label);
                }
                names.setSafe(pending, name);
                pending++;
                if (pending == batchRows) {
                    flush();
                }
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
}
