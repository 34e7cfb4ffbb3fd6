package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.capi.data.source.hub.ArrowColumns.Place;
import org.jspecify.annotations.Nullable;

/** The values of a column in one record batch: offsets and validity are held, the values themselves stay in the file. */
final class ArrowVector {

    private final ArrowMessages file;
    private final RecordBatch batch;
    private final long body;
    private final Place place;
    private final @Nullable ArrowVector parent;
    private @Nullable ByteBuffer validity;
    private @Nullable ByteBuffer second; // offsets, or numbers

    ArrowVector(ArrowMessages file, RecordBatch batch, long body, Place place) {
        this.file = file;
        this.batch = batch;
        this.body = body;
        this.place = place;
        this.parent = place.parent() == null ? null : new ArrowVector(file, batch, body, place.parent());
    }

    boolean isNull(int row) throws IOException {
        if (parent != null && parent.isNull(row)) {
            return true;
        }
        if (batch.nodes(place.node()).nullCount() == 0) {
            return false;
        }
        if (validity == null) {
            validity = buffer(0);
        }
        check(row / 8 < validity.limit(), row);
        return ((validity.get(row / 8) >> (row % 8)) & 1) == 0;
    }

    /** A binary value or a text's bytes, or null. */
    @Nullable
    ByteBuffer bytes(int row) throws IOException {
        if (isNull(row)) {
            return null;
        }
        boolean large = place.field().getType() instanceof ArrowType.LargeBinary
                || place.field().getType() instanceof ArrowType.LargeUtf8;
        ByteBuffer offsets = second();
        check((row + 2L) * (large ? 8 : 4) <= offsets.limit(), row);
        long start = large ? offsets.getLong(8 * row) : offsets.getInt(4 * row);
        long end = large ? offsets.getLong(8 * row + 8) : offsets.getInt(4 * row + 4);
        Buffer values = batch.buffers(place.buffer() + 2);
        check(start >= 0 && start <= end && end <= values.length() && end - start < Integer.MAX_VALUE - 16, row);
        return file.read(body + values.offset() + start, (int) (end - start));
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
        var type = (ArrowType.Int) place.field().getType();
        ByteBuffer numbers = second();
        int width = type.getBitWidth() / 8;
        check((row + 1L) * width <= numbers.limit(), row);
        long value = switch (width) {
            case 1 -> numbers.get(row);
            case 2 -> numbers.getShort(2 * row);
            case 4 -> numbers.getInt(4 * row);
            default -> numbers.getLong(8 * row);
        };
        return type.getIsSigned() || width == 8 ? value : value & ((1L << type.getBitWidth()) - 1);
    }

    private ByteBuffer second() throws IOException {
        if (second == null) {
            second = buffer(1);
        }
        return second;
    }

    private ByteBuffer buffer(int number) throws IOException {
        Buffer buffer = batch.buffers(place.buffer() + number);
        if (buffer.length() > Integer.MAX_VALUE - 16) {
            throw new IOException("a record batch of " + batch.length() + " rows is too large");
        }
        return file.read(body + buffer.offset(), (int) buffer.length());
    }

    private void check(boolean rule, int row) throws IOException {
        if (!rule) {
            throw new IOException("row " + row + " of a record batch lies outside its column "
                    + place.field().getName());
        }
    }
}
