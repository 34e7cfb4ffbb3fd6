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
            List<String> columns = columns(footer);
            List<String> wanted =
                    Columns.SCHEMA.getFields().stream().map(Shard::column).toList();
            if (!columns.equals(wanted)) {
                throw new IOException("its columns are " + columns + ", not " + wanted);
            }
            List<ShardBatch> batches = new ArrayList<>();
            for (int b = 0; b < footer.recordBatchesLength(); b++) {
                batches.add(ShardBatch.read(file, footer.recordBatches(b)));
            }
            return new Shard(file, batches);
        } catch (IOException | RuntimeException e) {
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
