package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.capi.data.source.FileContent;
import org.capi.data.source.hub.ArrowColumns.Place;
import org.jspecify.annotations.Nullable;

/** The values of a column in one record batch: offsets and validity are held, the values themselves stay in the file. */
final class ArrowVector {

    private final Body body;
    private final Place place;
    private final int rows;
    private final @Nullable ArrowDictionary dictionary;
    private final @Nullable ArrowVector parent;
    private final boolean nulls;
    private final ArrowType type;
    private @Nullable ByteBuffer validity;
    private @Nullable ByteBuffer second; // offsets, or numbers

    /**
     * A record batch in a file.
     *
     * @param start where in the file its buffers begin
     * @param length the bytes of all its buffers
     */
    record Body(ArrowMessages file, RecordBatch batch, long start, long length) {

        /** The number of rows. */
        int rows() throws IOException {
            long rows = batch.length();
            if (rows < 0 || rows > Integer.MAX_VALUE - 16) {
                throw new IOException("a record batch has " + rows + " rows");
            }
            return (int) rows;
        }
    }

    /**
     * Finds a column; a batch whose description contradicts itself is refused.
     *
     * @param dictionary the values of a dictionary-encoded column
     */
    ArrowVector(Body body, Place place, @Nullable ArrowDictionary dictionary) throws IOException {
        this.body = body;
        this.place = place;
        this.rows = body.rows();
        this.dictionary = dictionary;
        this.parent = place.parent() == null ? null : new ArrowVector(body, place.parent(), null);
        this.type = stored(place);
        require(place.node() < body.batch.nodesLength(), "lacks");
        FieldNode node = body.batch.nodes(place.node());
        require(node.length() >= rows, "has only " + node.length() + " of " + rows + " rows of");
        require(node.nullCount() >= 0, "has a negative number of nulls in");
        this.nulls = node.nullCount() > 0 && rows > 0;
        if (nulls) {
            buffer(0, (rows + 7L) / 8);
        }
        if (rows > 0 && !(type instanceof ArrowType.Struct)) {
            buffer(1, secondBytes());
        }
        if (isVariable()) {
            buffer(2, 0);
        }
    }

    int rows() {
        return rows;
    }

    boolean isNull(int row) throws IOException {
        if (parent != null && parent.isNull(row)) {
            return true;
        }
        if (!nulls) {
            return false;
        }
        if (validity == null) {
            validity = read(0, (rows + 7L) / 8);
        }
        return ((validity.get(row / 8) >> (row % 8)) & 1) == 0;
    }

    /** A binary value or a text's bytes, or null. */
    @Nullable
    ByteBuffer bytes(int row) throws IOException {
        if (isNull(row)) {
            return null;
        }
        if (dictionary != null) {
            ArrowDictionary.Value value = dictionary.value(stored(row));
            return value.batch().bytes(value.row());
        }
        ByteBuffer offsets = second();
        long start = isLarge() ? offsets.getLong(8 * row) : offsets.getInt(4 * row);
        long end = isLarge() ? offsets.getLong(8 * row + 8) : offsets.getInt(4 * row + 4);
        Buffer values = buffer(2, 0);
        if (start < 0 || start > end || end > values.length()) {
            throw new IOException("row " + row + " of a record batch lies outside its column "
                    + Column.shown(place.field().getName()));
        }
        String problem = FileContent.problem(end - start);
        if (!problem.isEmpty()) {
            throw new IOException(problem);
        }
        return body.file.read(body.start + values.offset() + start, (int) (end - start));
    }

    @Nullable
    String text(int row) throws IOException {
        ByteBuffer bytes = bytes(row);
        return bytes == null ? null : StandardCharsets.UTF_8.decode(bytes).toString();
    }

    /** A whole number, or null. */
    @Nullable
    Long number(int row) throws IOException {
        if (isNull(row)) {
            return null;
        }
        if (dictionary != null) {
            ArrowDictionary.Value value = dictionary.value(stored(row));
            return value.batch().number(value.row());
        }
        return stored(row);
    }

    /** The number in the column itself: of a dictionary-encoded one, the place of its value. */
    private long stored(int row) throws IOException {
        ByteBuffer numbers = second();
        var integer = (ArrowType.Int) type;
        int width = integer.getBitWidth() / 8;
        long value = switch (width) {
            case 1 -> numbers.get(row);
            case 2 -> numbers.getShort(2 * row);
            case 4 -> numbers.getInt(4 * row);
            default -> numbers.getLong(8 * row);
        };
        return integer.getIsSigned() || width == 8 ? value : value & ((1L << integer.getBitWidth()) - 1);
    }

    private static ArrowType stored(Place place) throws IOException {
        DictionaryEncoding encoding = place.field().getDictionary();
        ArrowType type = encoding == null ? place.field().getType() : encoding.getIndexType();
        if (type instanceof ArrowType.Int integer) {
            int bits = integer.getBitWidth();
            if (bits != 8 && bits != 16 && bits != 32 && bits != 64) {
                throw new IOException("a column of integers has " + bits + " bits each");
            }
        }
        return type;
    }

    private boolean isVariable() {
        return isLarge() || type instanceof ArrowType.Binary || type instanceof ArrowType.Utf8;
    }

    private boolean isLarge() {
        return type instanceof ArrowType.LargeBinary || type instanceof ArrowType.LargeUtf8;
    }

    private long secondBytes() {
        return type instanceof ArrowType.Int integer
                ? (long) rows * (integer.getBitWidth() / 8)
                : (rows + 1L) * (isLarge() ? 8 : 4);
    }

    private ByteBuffer second() throws IOException {
        if (second == null) {
            second = read(1, secondBytes());
        }
        return second;
    }

    private ByteBuffer read(int number, long bytes) throws IOException {
        if (bytes > Integer.MAX_VALUE - 16) {
            throw new IOException("a record batch of " + rows + " rows is too large");
        }
        return body.file.read(body.start + buffer(number, bytes).offset(), (int) bytes);
    }

    /** One of the column's buffers, which lies inside the record batch and has at least so many bytes. */
    private Buffer buffer(int number, long bytes) throws IOException {
        int at = place.buffer() + number;
        require(at < body.batch.buffersLength(), "lacks a buffer of");
        Buffer buffer = body.batch.buffers(at);
        require(
                buffer.offset() >= 0 && buffer.length() >= 0 && buffer.offset() <= body.length - buffer.length(),
                "does not hold");
        require(
                buffer.length() >= bytes,
                "has " + buffer.length() + " of " + bytes + " bytes of the " + (number == 0 ? "nulls in" : "rows of"));
        return buffer;
    }

    private void require(boolean rule, String words) throws IOException {
        if (!rule) {
            throw new IOException("a record batch " + words + " its column "
                    + Column.shown(place.field().getName()));
        }
    }
}
