package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

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

    // The types of the compact protocol.
    private static final int TRUE = 1;
    private static final int FALSE = 2;
    private static final int BYTE = 3;
    private static final int I16 = 4;
    private static final int I32 = 5;
    private static final int I64 = 6;
    private static final int DOUBLE = 7;
    private static final int BINARY = 8;
    private static final int LIST = 9;
    private static final int SET = 10;
    private static final int MAP = 11;
    private static final int STRUCT = 12;
    private static final int UUID = 13;

    private final ByteBuffer bytes;
    private long rows = -1;

    private ParquetFooter(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** The number of rows that the description gives; a file without a sound one is refused. */
    static long rows(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < MAGIC.length() + TAIL) {
                throw new IOException("it has only " + size + " bytes");
            }
            ByteBuffer tail = read(channel, size - TAIL, TAIL);
            int length = tail.getInt();
            String mark = StandardCharsets.ISO_8859_1.decode(tail).toString();
            if (mark.equals(ENCRYPTED)) {
                throw new IOException("its footer is encrypted, which is not read");
            }
            if (!mark.equals(MAGIC)) {
                throw new IOException("it does not end in " + MAGIC);
            }
            if (length < 0 || length > size - TAIL - MAGIC.length()) {
                throw new IOException(
                        "its footer of " + Integer.toUnsignedString(length) + " bytes is larger than the file");
            }
            var footer = new ParquetFooter(read(channel, size - TAIL - length, length));
            footer.struct(0);
            return footer.rows;
        } catch (BufferUnderflowException e) {
            throw new IOException("its footer ends within a value", e);
        }
    }

    private void struct(int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("its footer is nested deeper than " + MAX_DEPTH + " levels");
        }
        int field = 0;
        for (int head = bytes.get() & 0xff; head != 0; head = bytes.get() & 0xff) {
            int type = head & 0xf;
            int step = head >> 4;
            field = step == 0 ? (short) number() : field + step;
            if (depth == 0 && field == ROWS_FIELD && type == I64) {
                rows = number();
            } else if (type != TRUE && type != FALSE) { // their value is their type
                value(type, depth);
            }
        }
    }

    private void value(int type, int depth) throws IOException {
        switch (type) {
            case TRUE, FALSE, BYTE -> pass(1);
            case I16, I32, I64 -> number();
            case DOUBLE -> pass(Double.BYTES);
            case BINARY -> pass(unsigned());
            case LIST, SET -> list(depth);
            case MAP -> map(depth);
            case STRUCT -> struct(depth + 1);
            case UUID -> pass(2L * Long.BYTES);
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
        if (size > bytes.remaining()) { // each takes a byte at least
            throw new IOException("its footer has a list of " + size + " values in " + bytes.remaining() + " bytes");
        }
        for (long i = 0; i < size; i++) {
            for (int type : types) {
                value(type, depth + 1);
            }
        }
    }

    private void pass(long count) throws IOException {
        if (count > bytes.remaining()) {
            throw new IOException("its footer ends within a value");
        }
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

    private static ByteBuffer read(FileChannel channel, long from, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, from + bytes.position()) < 0) {
                throw new IOException("the file became shorter while it was read");
            }
        }
        return bytes.flip();
    }
}
