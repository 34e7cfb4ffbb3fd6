package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.capi.data.source.FileContent;

/**
 * Walks through the description at the end of a Parquet file, which is in Thrift's compact protocol, before the library
 * reads it: the library makes room for a list of any length that the file gives.
 */
final class ParquetFooter {

    private static final String MAGIC = "PAR1";
    private static final String ENCRYPTED = "PARE";
    private static final int TAIL = 8; // the length of the description, and the mark
    private static final int MAX_DEPTH = 32;
    private static final int ROWS_FIELD = 3; // FileMetaData.num_rows

    private static final int I64 = 6;

    private final ByteBuffer bytes;
    private long rows = -1;

    private ParquetFooter(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** The number of rows that the description gives; a file without a sound one is refused. */
    static long rows(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            TableFile.require(size >= MAGIC.length() + TAIL, "it has only " + size + " bytes");
            ByteBuffer tail = FileContent.read(channel, size - TAIL, TAIL);
            int length = tail.getInt();
            String mark = StandardCharsets.ISO_8859_1.decode(tail).toString();
            TableFile.require(!mark.equals(ENCRYPTED), "its footer is encrypted, which is not read");
            TableFile.require(mark.equals(MAGIC), "it does not end in " + MAGIC);
            TableFile.require(
                    length >= 0 && length <= size - TAIL - MAGIC.length(),
                    "its footer of " + Integer.toUnsignedString(length) + " bytes is larger than the file");
            var footer = new ParquetFooter(FileContent.read(channel, size - TAIL - length, length));
            footer.struct(0);
            return footer.rows;
        } catch (BufferUnderflowException e) {
            throw new IOException("its footer ends within a value", e);
        }
    }

    private void struct(int depth) throws IOException {
        TableFile.require(depth <= MAX_DEPTH, "its footer is nested deeper than " + MAX_DEPTH + " levels");
        int field = 0;
        for (int head = bytes.get() & 0xff; head != 0; head = bytes.get() & 0xff) {
            int type = head & 0xf;
            int step = head >> 4;
            field = step == 0 ? (short) number() : field + step;
            if (depth == 0 && field == ROWS_FIELD && type == I64) {
                rows = number();
            } else if (type != 1 && type != 2) { // true and false: their value is their type
                value(type, depth);
            }
        }
    }

    private void value(int type, int depth) throws IOException {
        switch (type) { // of the compact protocol
            case 1, 2, 3 -> skip(1); // true, false, a byte
            case 4, 5, I64 -> number(); // of 16, 32 and 64 bits
            case 7 -> skip(Double.BYTES);
            case 8 -> skip(unsigned()); // binary
            case 9, 10 -> list(depth); // a list or a set
            case 11 -> map(depth);
            case 12 -> struct(depth + 1);
            case 13 -> skip(2L * Long.BYTES); // a UUID
            default -> throw new IOException("its footer has a value of the unknown type " + type);
        }
    }

    private void list(int depth) throws IOException {
        int head = bytes.get() & 0xff;
        long size = head >> 4 == 0xf ? unsigned() : head >> 4;
        values(size, depth, head & 0xf);
    }

    private void map(int depth) throws IOException {
        long size = unsigned();
        if (size > 0) {
            int types = bytes.get() & 0xff;
            values(size, depth, types >> 4, types & 0xf);
        }
    }

    private void values(long size, int depth, int... types) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("its footer is nested deeper than " + MAX_DEPTH + " levels");
        }
        TableFile.require(
                size <= bytes.remaining(),
                "its footer has a list of " + size + " values in " + bytes.remaining() + " bytes");
        for (long i = 0; i < size; i++) {
            for (int type : types) {
                value(type, depth + 1);
            }
        }
    }

    private void skip(long count) throws IOException {
        TableFile.require(count <= bytes.remaining(), "its footer ends within a value");
        bytes.position(bytes.position() + (int) count);
    }

    private long unsigned() {
        return varint() & 0xffff_ffffL;
    }

    private long number() {
        long zigzag = varint();
        return (zigzag >>> 1) ^ -(zigzag & 1);
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte part = bytes.get();
            value |= (part & 0x7fL) << shift;
            if (part >= 0) {
                break;
            }
        }
        return value;
    }
}
