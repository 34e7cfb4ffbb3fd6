package org.capi.data.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.vector.types.pojo.Field;

/** One Arrow file of a split: its record batches, in order. */
record Shard(ShardFile file, List<ShardBatch> batches) implements AutoCloseable {

    private static final String MAGIC = "ARROW1";
    /** After the footer: its length and the magic. */
    private static final int END = Integer.BYTES + MAGIC.length();

    Shard {
        batches = List.copyOf(batches);
    }

    static Shard open(Path path) throws IOException {
        var file = new ShardFile(path);
        try {
            Footer footer = footer(file);
            List<String> found = columns(footer);
            List<String> expected =
                    Columns.SCHEMA.getFields().stream().map(Shard::column).toList();
            if (!found.equals(expected) && !found.equals(expected.subList(0, Columns.FIRST_COLUMNS))) {
                throw new IOException("its columns are not " + String.join(", ", expected));
            }
            List<ShardBatch> batches = new ArrayList<>();
            for (int b = 0; b < footer.recordBatchesLength(); b++) {
                batches.add(ShardBatch.read(file, footer.recordBatches(b), found.size() > Columns.FIRST_COLUMNS));
            }
            return new Shard(file, batches);
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            file.close();
            throw e;
        }
    }

    /** Opens a file that is there, and has the size and the rows that its dataset expects. */
    static Shard open(Path file, DatasetInfo.ShardInfo expected) throws IOException {
        checkSize(file, expected.bytes());
        Shard shard = open(file);
        if (shard.rows() != expected.rows()) {
            long rows = shard.rows();
            shard.close();
            throw new IOException("it has " + rows + " rows, not " + expected.rows());
        }
        return shard;
    }

    /** Why a shard cannot be opened; what Arrow's own exceptions say may be long, and of use only to its authors. */
    static String reason(Throwable failure) {
        return failure instanceof IOException ? String.valueOf(failure.getMessage()) : "it is not a sound Arrow file";
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

    /**
     * Refuses damaged rows, as far as can be told without reading images and label maps.
     *
     * @param firstRow the number of its first row in the split
     */
    void check(long firstRow, int classes) throws IOException {
        long first = firstRow;
        for (ShardBatch batch : batches) {
            for (int row = 0; row < batch.rows(); row++) {
                String fault = batch.fault(row, classes);
                if (!fault.isEmpty()) {
                    throw new IOException("row " + (first + row) + ": " + fault);
                }
            }
            first += batch.rows();
        }
    }

    long rows() {
        return batches.stream().mapToLong(ShardBatch::rows).sum();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static Footer footer(ShardFile file) throws IOException {
        long size = file.size();
        if (size < END) {
            throw new IOException("it is no Arrow file");
        }
        ByteBuffer end = file.read(size - END, END);
        int length = end.getInt();
        if (!StandardCharsets.ISO_8859_1.decode(end).toString().equals(MAGIC) || length < 8 || length > size - END) {
            throw new IOException("it is no Arrow file");
        }
        return Footer.getRootAsFooter(file.read(size - END - length, length));
    }

    private static List<String> columns(Footer footer) throws IOException {
        var schema = footer.schema();
        List<String> columns = new ArrayList<>();
        for (int f = 0; schema != null && f < Math.min(schema.fieldsLength(), 100); f++) {
            var field = schema.fields(f);
            // Without children: converting them is recursive.
            columns.add(
                    field.childrenLength() == 0 ? column(Field.convertField(field)) : field.name() + " with children");
        }
        return columns;
    }

    private static String column(Field field) {
        return field.getName() + ": " + field.getType();
    }
}
