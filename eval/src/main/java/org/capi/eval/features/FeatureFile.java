package org.capi.eval.features;

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
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.arrow.MappedFile;
import org.capi.data.arrow.MappedRecords;
import org.capi.eval.rows.FeatureRows;

/**
 * Features on the disk, memory-mapped: an Arrow file with a row for every vector, {@code features} (a fixed-size list of
 * float32, {@code [dim]}), {@code label} (null where the image has none) and {@code name} (of the image). May be read from
 * several threads at once.
 *
 * <p>One vector for an image is one row for an image. With {@link Representation#PATCHES} an image has {@code rows ·
 * columns} of them: rows are image-major, then go by patch row, then by patch column, so that row {@code (image · rows +
 * r) · columns + c} is the patch at (r, c). To get at features that may have been computed before:
 *
 * <pre>{@code
 * var cache = new FeatureCache(folder, console::say);
 * var extraction = new FeatureExtraction(448, batchSize, threads);
 * try (var model = LoadedModel.open(path);
 *         var features = extraction.features(
 *                 cache, model, Representation.PATCHES, Transform.SQUASH, dataset, progress)) {
 *     FeatureShape shape = features.shape(); // patch rows, patch columns, dim
 *     features.read(0, 4096, chunk, 0); // 4096 rows into a float[]
 *     for (FloatBuffer part : features.parts()) { ... } // all rows, in place, nothing copied
 * }
 * }</pre>
 */
public final class FeatureFile implements FeatureRows, AutoCloseable {

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
        shape = FeatureSchema.shape(file.schema());
        classes = FeatureSchema.classes(file.schema());
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
            var columns = file.batches().get(i).columns();
            if (!(columns.getVector(FeatureSchema.LABEL) instanceof IntVector)
                    || !(columns.getVector(FeatureSchema.NAME) instanceof VarCharVector)) {
                throw new IOException("it lacks the column label (int32) or name (text)");
            }
            row += file.batches().get(i).rows();
            parts.add(values(file.batches().get(i), shape.dim()));
        }
    }

    /** Opens a file and checks that every byte is as it was written; if not, says what is wrong. */
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

    /** How many rows: vectors, not images. */
    @Override
    public int size() {
        return size;
    }

    @Override
    public int dim() {
        return shape.dim();
    }

    /** What stands for one image. */
    public FeatureShape shape() {
        return shape;
    }

    /** How many images. */
    public int images() {
        return size / shape.vectors();
    }

    /** The names that labels are indices into. */
    public List<String> classes() {
        return classes;
    }

    /** What the file says of itself, such as {@code capi.model} and {@code capi.representation}. */
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
        var labels = (IntVector) file.batches().get(part).columns().getVector(FeatureSchema.LABEL);
        int inPart = row - firstRows[part];
        return labels.isNull(inPart) ? ImageRecord.UNLABELLED : labels.get(inPart);
    }

    /** The name of a row's image. */
    public String name(int row) {
        int part = part(row);
        var names = (VarCharVector) file.batches().get(part).columns().getVector(FeatureSchema.NAME);
        return new String(names.get(row - firstRows[part]), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        file.close();
        allocator.close();
    }

    private int part(int row) {
        int found = Arrays.binarySearch(firstRows, row);
        return found >= 0 ? found : -found - 2;
    }

    private static FloatBuffer values(MappedRecords records, int dim) {
        var list = (FixedSizeListVector) records.columns().getVector(FeatureSchema.FEATURES);
        var data = (Float4Vector) list.getDataVector();
        ByteBuffer bytes = records.view(data.getDataBuffer(), 0, records.rows() * dim * Float.BYTES);
        return bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }

    private static void check(Path path, MappedFile file) throws IOException {
        long rows = number(file, FeatureSchema.ROWS);
        if (rows != file.rows()) {
            throw new IOException("it has " + file.rows() + " rows, not " + rows);
        }
        var crc = new CRC32C();
        long left = number(file, FeatureSchema.BYTES);
        ByteBuffer part = ByteBuffer.allocateDirect(1 << 20);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            while (left > 0 && channel.read(part.clear().limit((int) Math.min(part.capacity(), left))) >= 0) {
                left -= part.flip().remaining();
                crc.update(part);
            }
        }
        if (left != 0 || crc.getValue() != number(file, FeatureSchema.CRC32C)) {
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
            throw new IOException("its note " + note + " is no number", e);
        }
    }
}
