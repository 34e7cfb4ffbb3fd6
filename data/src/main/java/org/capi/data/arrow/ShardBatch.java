package org.capi.data.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * One record batch of a shard. Its numbers are in memory; names, images and label maps are read from the file when they
 * are wanted.
 *
 * @param labels null where every row has one
 */
record ShardBatch(
        ShardFile file,
        int rows,
        Bytes names,
        Bytes images,
        @Nullable ByteBuffer labelled,
        ByteBuffer labels,
        @Nullable ByteBuffer mapped,
        Bytes labelMaps,
        ByteBuffer widths,
        ByteBuffer heights,
        ByteBuffer checksums) {

    /** In the order of {@link Columns#SCHEMA}: validity, then values, or validity, offsets and bytes. */
    private static final int BUFFERS = 17;

    /** A column of byte strings: where each begins, and where the first lies in the file. */
    record Bytes(ByteBuffer offsets, long position) {

        int length(int row) {
            return offsets.getInt((row + 1) * Integer.BYTES) - offsets.getInt(row * Integer.BYTES);
        }

        ByteBuffer read(ShardFile file, int row) throws ShardException {
            return file.read(position + offsets.getInt(row * Integer.BYTES), length(row));
        }
    }

    /** Reads the numbers of a record batch; one whose buffers do not lie in the file is refused. */
    static ShardBatch read(ShardFile file, Block block) throws IOException {
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
            throw new IOException("the message at byte " + block.offset() + " is no record batch");
        }
        if (batch.compression() != null || batch.buffersLength() != BUFFERS) {
            throw new IOException("the record batch at byte " + block.offset() + " must be uncompressed with " + BUFFERS
                    + " buffers, it has " + batch.buffersLength());
        }
        int rows = rows(batch, block.bodyLength());
        var buffers = new Buffers(file, batch, rows, body, block.bodyLength());
        return new ShardBatch(
                file,
                rows,
                buffers.bytes(1),
                buffers.bytes(4),
                buffers.validity(6),
                buffers.read(7, (long) rows * Integer.BYTES),
                buffers.validity(8),
                buffers.bytes(9),
                buffers.read(12, (long) rows * Integer.BYTES),
                buffers.read(14, (long) rows * Integer.BYTES),
                buffers.read(16, (long) rows * Long.BYTES));
    }

    String name(int row) throws ShardException {
        return StandardCharsets.UTF_8.decode(names.read(file, row)).toString();
    }

    ByteBuffer image(int row) throws ShardException {
        return images.read(file, row);
    }

    int imageBytes(int row) {
        return images.length(row);
    }

    boolean hasLabelMap(int row) {
        return isSet(mapped, row);
    }

    /** The label map, or null. */
    @Nullable
    ByteBuffer labelMap(int row) throws ShardException {
        return hasLabelMap(row) ? labelMaps.read(file, row) : null;
    }

    /** The label, or {@link ImageRecord#UNLABELLED}. */
    int label(int row) {
        return isSet(labelled, row) ? labels.getInt(row * Integer.BYTES) : ImageRecord.UNLABELLED;
    }

    int width(int row) {
        return widths.getInt(row * Integer.BYTES);
    }

    int height(int row) {
        return heights.getInt(row * Integer.BYTES);
    }

    long checksum(int row) {
        return checksums.getLong(row * Long.BYTES);
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

    private static boolean isSet(@Nullable ByteBuffer bits, int row) {
        return bits == null || (bits.get(row >> 3) >> (row & 7) & 1) != 0;
    }

    /**
     * The buffers of a record batch.
     *
     * @param start of the body in the file
     */
    private record Buffers(ShardFile file, RecordBatch batch, int rows, long start, long bodyBytes) {

        /** The first bytes of a buffer. */
        ByteBuffer read(int number, long bytes) throws IOException {
            Buffer buffer = buffer(number);
            if (bytes > buffer.length()) {
                throw new IOException("buffer " + number + " of a record batch has " + buffer.length() + " bytes, "
                        + bytes + " are needed");
            }
            return file.read(start + buffer.offset(), (int) bytes);
        }

        /** The bits that say which rows have a value; null where all have one. */
        @Nullable
        ByteBuffer validity(int number) throws IOException {
            return buffer(number).length() == 0 ? null : read(number, (rows + 7L) / 8);
        }

        /** The column whose offsets are one buffer and whose bytes are the next. */
        Bytes bytes(int number) throws IOException {
            Buffer values = buffer(number + 1);
            var column = new Bytes(
                    rows == 0 ? ByteBuffer.allocate(Integer.BYTES) : read(number, (rows + 1L) * Integer.BYTES),
                    start + values.offset());
            int before = 0;
            for (int row = 0; row <= rows; row++) {
                int offset = column.offsets.getInt(row * Integer.BYTES);
                if (offset < before || offset > values.length()) {
                    throw new IOException("offset " + row + " of buffer " + number + " is " + offset
                            + ", it must lie between " + before + " and " + values.length());
                }
                before = offset;
            }
            return column;
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
