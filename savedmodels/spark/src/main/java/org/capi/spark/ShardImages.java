package org.capi.spark;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/**
 * The rows {@code (name, label, image)} of a shard: a tar archive, or an Arrow file of a dataset that {@code capi data
 * import} wrote. It is read once, from its start to its end, so one task reads a whole shard.
 */
abstract sealed class ShardImages implements Iterator<Row>, Closeable {

    static final String TAR = ".tar";
    static final String ARROW = ".arrow";

    private final String shard;
    private final Deque<Row> rows = new ArrayDeque<>();

    private ShardImages(String shard) {
        this.shard = shard;
    }

    /** The type of the label in shards whose names end so. */
    static DataType labelType(String suffix) {
        return suffix.equals(TAR) ? DataTypes.StringType : DataTypes.IntegerType;
    }

    /** Refuses a file that cannot be read as a shard, by its start. */
    static void check(Path shard, String suffix, String column, Configuration hadoop) throws IOException {
        try (ShardImages images = open(shard, "", suffix, column, hadoop)) {
            if (!images.advance()) {
                throw new IOException("there is nothing in it");
            }
        } catch (IOException | RuntimeException e) { // RuntimeException: what Arrow makes of a damaged file
            throw new IllegalArgumentException(failure(shard.toString(), e), e);
        }
    }

    private static String failure(String shard, Exception e) {
        String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return "cannot read the shard " + shard + ": " + reason;
    }

    /** Keeps the reason, but not as a cause: of a job that fails the innermost cause is printed. */
    private static <E extends Exception> E named(E failure, Exception reason) {
        failure.addSuppressed(reason);
        return failure;
    }

    private static ShardImages open(Path shard, String name, String suffix, String column, Configuration hadoop)
            throws IOException {
        InputStream in = shard.getFileSystem(hadoop).open(shard);
        try {
            return suffix.equals(TAR) ? new Tar(in, shard, name) : new Arrow(in, shard, column);
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    /** Reads on, and adds rows that are complete; false at the end. */
    abstract boolean advance() throws IOException;

    void add(Row row) {
        rows.add(row);
    }

    @Override
    public boolean hasNext() {
        try {
            boolean more = true;
            while (rows.isEmpty() && more) {
                more = advance();
            }
            return !rows.isEmpty();
        } catch (IOException | RuntimeException e) {
            throw named(new IllegalStateException(failure(shard, e)), e);
        }
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return rows.remove();
    }

    /**
     * Reads the shard of a number.
     *
     * @param root the path that the names of tar archives are relative to
     * @param column of the images in Arrow files
     */
    record Reading(String root, List<String> shards, String suffix, String column, SerializableConfiguration hadoop)
            implements FlatMapFunction<Long, Row> {

        @Override
        public Iterator<Row> call(Long number) throws IOException {
            var shard = new Path(shards.get(Math.toIntExact(number)));
            String below = shard.toString().equals(root)
                    ? shard.getName()
                    : shard.toString().substring(root.length() + 1); // without the slash
            ShardImages images;
            try {
                images = open(shard, below, suffix, column, hadoop.value());
            } catch (IOException | RuntimeException e) {
                throw named(new IOException(failure(shard.toString(), e)), e);
            }
            TaskCompletionListener closing = context -> {
                try {
                    images.close();
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot close the shard " + shard, e);
                }
            };
            TaskContext.get().addTaskCompletionListener(closing); // also of a task that fails
            return images;
        }
    }

    /**
     * A tar archive of image files. As in WebDataset, consecutive files whose names agree up to the first dot are one
     * sample, and a file {@code .cls} in it is the label of its images. Other files are passed over.
     */
    private static final class Tar extends ShardImages {

        private static final String LABEL = ".cls";
        private static final int MAX_BYTES = 1 << 28; // of an image; what is longer is cut off, and so refused later

        private final TarArchiveInputStream in;
        private final String archive;
        private final Map<String, byte[]> images = new LinkedHashMap<>();
        private String sample = "";
        private @Nullable String label;

        Tar(InputStream in, Path shard, String archive) {
            super(shard.toString());
            this.in = new TarArchiveInputStream(in);
            this.archive = archive;
        }

        @Override
        boolean advance() throws IOException {
            TarArchiveEntry entry = in.getNextEntry();
            if (entry == null) {
                endSample();
                return false;
            }
            String name = entry.getName();
            int base = name.lastIndexOf('/') + 1;
            if (entry.isDirectory() || name.startsWith(".", base)) {
                return true;
            }
            int dot = name.indexOf('.', base);
            String key = dot < 0 ? name : name.substring(0, dot);
            if (!key.equals(sample)) {
                endSample();
                sample = key;
            }
            if (name.endsWith(LABEL)) {
                label = new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8).strip();
            } else if (ImageSource.isImage(name)) {
                images.put(name, in.readNBytes(MAX_BYTES));
            }
            return true;
        }

        private void endSample() {
            images.forEach((name, bytes) -> add(RowFactory.create(archive + "/" + name, label, bytes)));
            images.clear();
            label = null;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    /** An Arrow file, which is an Arrow stream between two marks. */
    private static final class Arrow extends ShardImages {

        private static final byte[] MARK = "ARROW1\0\0".getBytes(StandardCharsets.US_ASCII);

        private final BufferAllocator allocator = new RootAllocator();
        private final ArrowStreamReader reader;
        private final VarCharVector names;
        private final IntVector labels;
        private final VarBinaryVector images;
        private int read; // rows of the record batch

        Arrow(InputStream in, Path shard, String column) throws IOException {
            super(shard.toString());
            if (!Arrays.equals(in.readNBytes(MARK.length), MARK)) {
                throw new IOException("it does not begin with ARROW1");
            }
            reader = new ArrowStreamReader(in, allocator);
            try {
                VectorSchemaRoot root = reader.getVectorSchemaRoot();
                names = vector(root, "name", VarCharVector.class, column);
                labels = vector(root, "label", IntVector.class, column);
                images = vector(root, column, VarBinaryVector.class, column);
            } catch (IOException | RuntimeException e) {
                close();
                throw e;
            }
        }

        private static <T extends FieldVector> T vector(
                VectorSchemaRoot root, String name, Class<T> type, String column) throws IOException {
            FieldVector vector = root.getVector(name);
            if (!type.isInstance(vector)) {
                throw new IOException("it must have the columns name (text), label (int32) and " + column
                        + " (binary), it has " + root.getSchema().getFields());
            }
            return type.cast(vector);
        }

        @Override
        boolean advance() throws IOException {
            if (read == images.getValueCount()) {
                read = 0;
                return reader.loadNextBatch();
            }
            add(RowFactory.create(text(read), labels.getObject(read), images.get(read)));
            read++;
            return true;
        }

        private @Nullable String text(int row) {
            return names.isNull(row) ? null : new String(names.get(row), StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            reader.close();
            allocator.close();
        }
    }
}
