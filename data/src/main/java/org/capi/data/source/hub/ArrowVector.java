package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.capi.data.source.FileContent;
import org.capi.data.source.hub.ArrowSchema.Place;
import org.capi.data.source.hub.TableLayout.TableColumn;
import org.jspecify.annotations.Nullable;

/**
 * The values of a column in one record batch: offsets and validity are held, the values themselves stay in the file.
 */
final class ArrowVector {

    private final Body body;
    private final Place place;
    private final int rows;
    private final @Nullable List<ArrowVector> dictionary;
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

        int rows() throws IOException {
            long rows = batch.length();
            TableFile.require(rows >= 0 && rows <= Integer.MAX_VALUE - 16, "a record batch has " + rows + " rows");
            return (int) rows;
        }
    }

    /**
     * Finds a column; a batch whose description contradicts itself is refused.
     *
     * @param dictionary the batches of values of a dictionary-encoded column
     */
    ArrowVector(Body body, Place place, @Nullable List<ArrowVector> dictionary) throws IOException {
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

    private boolean isNull(int row) throws IOException {
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

    /** A whole number, binary data as it is or as text, or null. */
    @Nullable
    Object value(int row, boolean encoded) throws IOException {
        if (isNull(row)) {
            return null;
        }
        if (dictionary != null) {
            long index = stored(row);
            long first = 0;
            for (ArrowVector batch : dictionary) {
                if (index >= first && index - first < batch.rows) {
                    return batch.value((int) (index - first), encoded);
                }
                first += batch.rows;
            }
            throw new IOException("the dictionary has " + first + " values, there is no number " + index);
        }
        if (type instanceof ArrowType.Int) {
            return stored(row);
        }
        ByteBuffer bytes = bytes(row);
        return encoded ? bytes : StandardCharsets.UTF_8.decode(bytes).toString();
    }

    private ByteBuffer bytes(int row) throws IOException {
        ByteBuffer offsets = second();
        long start = isLarge() ? offsets.getLong(8 * row) : offsets.getInt(4 * row);
        long end = isLarge() ? offsets.getLong(8 * row + 8) : offsets.getInt(4 * row + 4);
        Buffer values = buffer(2, 0);
        if (start < 0 || start > end || end > values.length()) {
            throw new IOException("row " + row + " of a record batch lies outside its column "
                    + TableColumn.shown(place.field().getName()));
        }
        String problem = FileContent.problem(end - start);
        TableFile.require(problem.isEmpty(), problem);
        return body.file.read(body.start + values.offset() + start, (int) (end - start));
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
        TableFile.require(
                rule,
                "a record batch " + words + " its column "
                        + TableColumn.shown(place.field().getName()));
    }
}
