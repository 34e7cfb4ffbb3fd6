package org.capi.data.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.capi.data.arrow.ImageDataset.RowFacts;
import org.capi.data.arrow.ImageDataset.ShardException;
import org.jspecify.annotations.Nullable;

/**
 * One Arrow IPC file of a split, in record batches without compression, which any Arrow library reads.
 *
 * <p>Its columns are {@code name} (utf8), {@code image} (binary, the encoded file as it was found), {@code label}
 * (int32, nullable), {@code label_map} (binary, nullable, a grey PNG), {@code width}, {@code height} (int32) and, as
 * int64, the checksums {@code crc32c} (of {@code image}), {@code label_map_crc32c} (nullable) and {@code row_crc32c}
 * ({@link #rowChecksum}). Formats before version 3 lack the last two.
 */
record Shard(ShardFile file, List<Rows> batches) implements AutoCloseable {

    private static final int COLUMNS_BEFORE_FORMAT_3 = 7;

    // The numbers of the columns.
    static final int NAME = 0;
    static final int IMAGE = 1;
    static final int LABEL = 2;
    static final int LABEL_MAP = 3;
    static final int WIDTH = 4;
    static final int HEIGHT = 5;
    static final int CRC32C = 6;
    static final int LABEL_MAP_CRC32C = 7;
    static final int ROW_CRC32C = 8;

    static final Schema SCHEMA = new Schema(List.of(
            required("name", ArrowType.Utf8.INSTANCE),
            required("image", ArrowType.Binary.INSTANCE),
            Field.nullable("label", new ArrowType.Int(32, true)),
            Field.nullable("label_map", ArrowType.Binary.INSTANCE),
            required("width", new ArrowType.Int(32, true)),
            required("height", new ArrowType.Int(32, true)),
            required("crc32c", new ArrowType.Int(64, true)),
            Field.nullable("label_map_crc32c", new ArrowType.Int(64, true)),
            required("row_crc32c", new ArrowType.Int(64, true))));

    private static final String MAGIC = "ARROW1";
    private static final int END_BYTES = Integer.BYTES + MAGIC.length(); // the footer's length and the magic

    Shard {
        batches = List.copyOf(batches);
    }

    private static Field required(String name, ArrowType type) {
        return new Field(name, FieldType.notNullable(type), null);
    }

    /** The bytes of a value; 0 of byte strings. */
    private static int valueBytes(Field column) {
        return column.getType() instanceof ArrowType.Int number ? number.getBitWidth() / Byte.SIZE : 0;
    }

    static long checksum(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate());
        return crc.getValue();
    }

    /**
     * The CRC-32C of a row without the bytes of its image and label map: of its name in UTF-8, then, as little-endian
     * numbers, of its label (-1 for none), width and height as int32, and of the checksums of its image and of its
     * label map (-1 for none) as int64.
     */
    static long rowChecksum(byte[] name, int label, int width, int height, long image, long labelMap) {
        var crc = new CRC32C();
        crc.update(name);
        ByteBuffer facts =
                ByteBuffer.allocate(3 * Integer.BYTES + 2 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        facts.putInt(label).putInt(width).putInt(height).putLong(image).putLong(labelMap);
        crc.update(facts.flip());
        return crc.getValue();
    }

    /** Opens a file that exists and has the size and the rows that its dataset expects. */
    static Shard open(Path path, DatasetInfo.ShardInfo expected) throws IOException {
        checkSize(path, expected.bytes());
        var file = new ShardFile(path);
        try {
            var shard = new Shard(file, batches(file));
            if (shard.rows() != expected.rows()) {
                throw new IOException("it has " + shard.rows() + " rows, not " + expected.rows());
            }
            return shard;
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            file.close();
            throw e;
        }
    }

    private static List<Rows> batches(ShardFile file) throws IOException {
        Footer footer = footer(file);
        List<String> found = columns(footer);
        List<String> expected = SCHEMA.getFields().stream().map(Shard::describe).toList();
        if (!found.equals(expected) && !found.equals(expected.subList(0, COLUMNS_BEFORE_FORMAT_3))) {
            throw new IOException("its columns are not " + String.join(", ", expected));
        }
        List<Rows> batches = new ArrayList<>();
        for (int b = 0; b < footer.recordBatchesLength(); b++) {
            batches.add(Rows.read(file, footer.recordBatches(b), found.size()));
        }
        return batches;
    }

    /** Why a shard cannot be opened; messages of Arrow's own exceptions are long and name its internals. */
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
     * Refuses damaged rows, as far as can be known without reading images and label maps.
     *
     * @param firstRow the number of its first row in the split
     */
    void check(long firstRow, int classes) throws IOException {
        long first = firstRow;
        for (Rows batch : batches) {
            for (int row = 0; row < batch.count(); row++) {
                String fault = batch.fault(row, classes);
                if (!fault.isEmpty()) {
                    throw new IOException("row " + (first + row) + ": " + fault);
                }
            }
            first += batch.count();
        }
    }

    long rows() {
        return batches.stream().mapToLong(Rows::count).sum();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static Footer footer(ShardFile file) throws IOException {
        long size = file.size();
        if (size < END_BYTES) {
            throw new IOException("it is not an Arrow file");
        }
        ByteBuffer end = file.read(size - END_BYTES, END_BYTES);
        int length = end.getInt();
        if (!StandardCharsets.ISO_8859_1.decode(end).toString().equals(MAGIC)
                || length < 8
                || length > size - END_BYTES) {
            throw new IOException("it is not an Arrow file");
        }
        return Footer.getRootAsFooter(file.read(size - END_BYTES - length, length));
    }

    private static List<String> columns(Footer footer) {
        var schema = footer.schema();
        List<String> columns = new ArrayList<>();
        for (int f = 0; schema != null && f < Math.min(schema.fieldsLength(), 100); f++) {
            var field = schema.fields(f);
            // Without children: converting them is recursive.
            columns.add(
                    field.childrenLength() == 0
                            ? describe(Field.convertField(field))
                            : field.name() + " with children");
        }
        return columns;
    }

    private static String describe(Field field) {
        return field.getName() + ": " + field.getType();
    }

    /**
     * One record batch of a shard. Its numbers are in memory, about 45 bytes for each row; names, images and label maps
     * are read from the file when they are needed.
     */
    record Rows(ShardFile file, int count, List<Values> columns) {

        /** Reads the numbers of a record batch; one whose buffers do not lie in the file is refused. */
        static Rows read(ShardFile file, Block block, int columnCount) throws IOException {
            long size = file.size();
            long body = block.offset() + block.metaDataLength();
            if (block.offset() < 0
                    || block.metaDataLength() < 8
                    || body > size
                    || body < block.offset()
                    || block.bodyLength() < 0
                    || block.bodyLength() > size - body) {
                throw new IOException("a record batch of " + block.bodyLength() + " bytes at byte " + block.offset()
                        + " does not lie in the file of " + size);
            }
            ByteBuffer metadata = file.read(block.offset(), block.metaDataLength());
            metadata.position(metadata.getInt(0) == -1 ? 8 : 4); // since format 0.15 the length follows a marker
            Message message = Message.getRootAsMessage(metadata.slice().order(ByteOrder.LITTLE_ENDIAN));
            if (message.headerType() != MessageHeader.RecordBatch
                    || !(message.header(new RecordBatch()) instanceof RecordBatch batch)) {
                throw new IOException("the message at byte " + block.offset() + " is not a record batch");
            }
            List<Field> columns = SCHEMA.getFields().subList(0, columnCount);
            int count = columns.stream().mapToInt(Buffers::count).sum();
            if (batch.compression() != null || batch.buffersLength() != count) {
                throw new IOException("the record batch at byte " + block.offset() + " must be uncompressed with "
                        + count + " buffers, it has " + batch.buffersLength());
            }
            int rows = rows(batch, block.bodyLength());
            var buffers = new Buffers(file, batch, rows, body, block.bodyLength());
            List<Values> values = new ArrayList<>();
            int first = 0;
            for (Field column : columns) {
                values.add(buffers.values(valueBytes(column), first));
                first += Buffers.count(column);
            }
            return new Rows(file, rows, values);
        }

        private static int rows(RecordBatch batch, long bodyBytes) throws IOException {
            long rows = batch.length();
            boolean sameInAll = IntStream.range(0, batch.nodesLength())
                    .allMatch(n -> batch.nodes(n).length() == rows);
            if (rows < 0 || rows > Math.min(bodyBytes, Integer.MAX_VALUE / Long.BYTES) || !sameInAll) {
                throw new IOException("a record batch of " + bodyBytes + " bytes cannot have " + rows + " rows");
            }
            return (int) rows;
        }

        /**
         * What is wrong with a row, as far as can be known without reading its image and label map; empty for a sound
         * one.
         *
         * @param classes the number of classes, which its label is below
         */
        String fault(int row, int classes) throws ShardException {
            for (int c : List.of(NAME, IMAGE, LABEL_MAP)) {
                if (columns.get(c).isOutside(row)) {
                    return "its " + SCHEMA.getFields().get(c).getName() + " lies outside of the column";
                }
            }
            for (int c = 0; c < columns.size(); c++) {
                Field field = SCHEMA.getFields().get(c);
                if (!field.isNullable() && !columns.get(c).has(row)) {
                    return "its " + field.getName() + " is missing";
                }
            }
            if (hasAllChecksums() && !isSound(row)) {
                return "the checksum of its name, label and size differs";
            }
            int label = label(row);
            return !columns.get(LABEL).has(row) || (label >= 0 && label < classes)
                    ? ""
                    : "an image has the label " + label + ", which must be below " + classes
                            + ", the number of classes";
        }

        /** Whether a label map is as it was written, as far as that is known; rows without one are sound. */
        boolean isLabelMapSound(int row, @Nullable ByteBuffer labelMap) {
            return labelMap == null
                    || !hasAllChecksums()
                    || Shard.checksum(labelMap) == columns.get(LABEL_MAP_CRC32C).longAt(row);
        }

        private boolean isSound(int row) throws ShardException {
            boolean hasMap = hasLabelMap(row);
            byte[] name = columns.get(NAME).read(file, row).array();
            long map = hasMap ? columns.get(LABEL_MAP_CRC32C).longAt(row) : -1;
            return hasMap == columns.get(LABEL_MAP_CRC32C).has(row)
                    && rowChecksum(name, label(row), width(row), height(row), checksum(row), map)
                            == columns.get(ROW_CRC32C).longAt(row);
        }

        private boolean hasAllChecksums() {
            return columns.size() > COLUMNS_BEFORE_FORMAT_3;
        }

        String name(int row) throws ShardException {
            return StandardCharsets.UTF_8
                    .decode(columns.get(NAME).read(file, row))
                    .toString();
        }

        ByteBuffer image(int row) throws ShardException {
            return columns.get(IMAGE).read(file, row);
        }

        RowFacts facts(int row) {
            return new RowFacts(
                    label(row), width(row), height(row), columns.get(IMAGE).length(row), hasLabelMap(row));
        }

        boolean hasLabelMap(int row) {
            return columns.get(LABEL_MAP).has(row);
        }

        @Nullable
        ByteBuffer labelMap(int row) throws ShardException {
            return hasLabelMap(row) ? columns.get(LABEL_MAP).read(file, row) : null;
        }

        int label(int row) {
            return columns.get(LABEL).has(row) ? columns.get(LABEL).intAt(row) : ImageRecord.UNLABELLED;
        }

        int width(int row) {
            return columns.get(WIDTH).intAt(row);
        }

        int height(int row) {
            return columns.get(HEIGHT).intAt(row);
        }

        long checksum(int row) {
            return columns.get(CRC32C).longAt(row);
        }
    }

    /**
     * A column of one record batch.
     *
     * @param validity a bit for each row; null where every row has a value
     * @param numbers the values, or where each byte string starts and ends
     * @param position of the first byte string in the file
     * @param size of all byte strings
     */
    record Values(@Nullable ByteBuffer validity, ByteBuffer numbers, long position, long size) {

        boolean has(int row) {
            return validity == null || (validity.get(row >> 3) >> (row & 7) & 1) != 0;
        }

        int intAt(int row) {
            return numbers.getInt(row * Integer.BYTES);
        }

        long longAt(int row) {
            return numbers.getLong(row * Long.BYTES);
        }

        boolean isOutside(int row) {
            return intAt(row) < 0 || intAt(row) > intAt(row + 1) || intAt(row + 1) > size;
        }

        int length(int row) {
            return intAt(row + 1) - intAt(row);
        }

        ByteBuffer read(ShardFile file, int row) throws ShardException {
            return file.read(position + intAt(row), length(row));
        }
    }

    /** The buffers of a record batch, whose body lies at {@code start} in the file. */
    private record Buffers(ShardFile file, RecordBatch batch, int rows, long start, long bodyBytes) {

        /** Validity, then values, or validity, offsets and bytes. */
        static int count(Field column) {
            return valueBytes(column) == 0 ? 3 : 2;
        }

        Values values(int valueBytes, int number) throws IOException {
            ByteBuffer validity = buffer(number).length() == 0 ? null : read(number, (rows + 7L) / 8);
            if (valueBytes > 0) {
                return new Values(validity, read(number + 1, (long) rows * valueBytes), 0, 0);
            }
            Buffer bytes = buffer(number + 2);
            ByteBuffer offsets =
                    rows == 0 ? ByteBuffer.allocate(Integer.BYTES) : read(number + 1, (rows + 1L) * Integer.BYTES);
            return new Values(validity, offsets, start + bytes.offset(), bytes.length());
        }

        private ByteBuffer read(int number, long bytes) throws IOException {
            Buffer buffer = buffer(number);
            if (bytes > buffer.length()) {
                throw new IOException("buffer " + number + " of a record batch has " + buffer.length() + " bytes, "
                        + bytes + " are needed");
            }
            return file.read(start + buffer.offset(), (int) bytes);
        }

        private Buffer buffer(int number) throws IOException {
            Buffer buffer = batch.buffers(number);
            if (buffer.offset() < 0 || buffer.length() < 0 || buffer.length() > bodyBytes - buffer.offset()) {
                throw new IOException("buffer " + number + " of a record batch does not lie in its body");
            }
            return buffer;
        }
    }
}
