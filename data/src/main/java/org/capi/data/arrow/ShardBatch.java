package org.capi.data.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
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
 * @param validity of the columns that must not be null, of those that a writer gave one
 * @param labelled null where every row has a label
 * @param mapped null where every row has a label map
 * @param mapChecksums null before format 3, like the next two
 */
record ShardBatch(
        ShardFile file,
        int rows,
        Map<String, ByteBuffer> validity,
        Bytes names,
        Bytes images,
        @Nullable ByteBuffer labelled,
        ByteBuffer labels,
        @Nullable ByteBuffer mapped,
        Bytes labelMaps,
        ByteBuffer widths,
        ByteBuffer heights,
        ByteBuffer checksums,
        @Nullable ByteBuffer mapChecksums,
        @Nullable ByteBuffer mapChecksummed,
        @Nullable ByteBuffer rowChecksums) {

    /** In the order of {@link Columns#SCHEMA}: validity, then values, or validity, offsets and bytes. */
    private static final int BUFFERS = 21;

    private static final int BUFFERS_BEFORE_FORMAT_3 = 17;

    /** The first buffers of the columns that must not be null. */
    private static final Map<String, Integer> REQUIRED = Map.of(
            Columns.NAME, 0,
            Columns.IMAGE, 3,
            Columns.WIDTH, 11,
            Columns.HEIGHT, 13,
            Columns.CRC32C, 15,
            Columns.ROW_CRC32C, 19);

    /**
     * A column of byte strings.
     *
     * @param offsets where each begins and ends
     * @param position of the first in the file, in bytes
     * @param size of all, in bytes
     */
    record Bytes(ByteBuffer offsets, long position, long size) {

        boolean isOutside(int row) {
            int start = offsets.getInt(row * Integer.BYTES);
            int end = offsets.getInt((row + 1) * Integer.BYTES);
            return start < 0 || start > end || end > size;
        }

        int length(int row) {
            return offsets.getInt((row + 1) * Integer.BYTES) - offsets.getInt(row * Integer.BYTES);
        }

        ByteBuffer read(ShardFile file, int row) throws ShardException {
            return file.read(position + offsets.getInt(row * Integer.BYTES), length(row));
        }
    }

    /** Reads the numbers of a record batch; one whose buffers do not lie in the file is refused. */
    static ShardBatch read(ShardFile file, Block block, boolean hasRowChecksums) throws IOException {
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
        int count = hasRowChecksums ? BUFFERS : BUFFERS_BEFORE_FORMAT_3;
        if (batch.compression() != null || batch.buffersLength() != count) {
            throw new IOException("the record batch at byte " + block.offset() + " must be uncompressed with " + count
                    + " buffers, it has " + batch.buffersLength());
        }
        int rows = rows(batch, block.bodyLength());
        var buffers = new Buffers(file, batch, rows, body, block.bodyLength());
        Map<String, ByteBuffer> validity = new LinkedHashMap<>();
        for (var column : REQUIRED.entrySet()) {
            ByteBuffer bits = column.getValue() < count ? buffers.validity(column.getValue()) : null;
            if (bits != null) {
                validity.put(column.getKey(), bits);
            }
        }
        return new ShardBatch(
                file,
                rows,
                validity,
                buffers.bytes(1),
                buffers.bytes(4),
                buffers.validity(6),
                buffers.read(7, (long) rows * Integer.BYTES),
                buffers.validity(8),
                buffers.bytes(9),
                buffers.read(12, (long) rows * Integer.BYTES),
                buffers.read(14, (long) rows * Integer.BYTES),
                buffers.read(16, (long) rows * Long.BYTES),
                hasRowChecksums ? buffers.read(18, (long) rows * Long.BYTES) : null,
                hasRowChecksums ? buffers.validity(17) : null,
                hasRowChecksums ? buffers.read(20, (long) rows * Long.BYTES) : null);
    }

    /**
     * What is wrong with a row, as far as can be told without reading its image and label map; empty for a sound one.
     *
     * @param classes the number of classes, which its label is below
     */
    String fault(int row, int classes) throws ShardException {
        for (var column : Map.of(Columns.NAME, names, Columns.IMAGE, images, Columns.LABEL_MAP, labelMaps)
                .entrySet()) {
            if (column.getValue().isOutside(row)) {
                return "its " + column.getKey() + " lies outside of the column";
            }
        }
        for (var column : validity.entrySet()) {
            if (!isSet(column.getValue(), row)) {
                return "its " + column.getKey() + " is missing";
            }
        }
        if (rowChecksums != null && !isSound(row, rowChecksums.getLong(row * Long.BYTES))) {
            return "the checksum of its name, label and size differs";
        }
        int label = label(row);
        boolean known = label == ImageRecord.UNLABELLED ? !isSet(labelled, row) : label >= 0 && label < classes;
        return known
                ? ""
                : "an image has the label " + label + ", which must be below " + classes + ", the number of classes";
    }

    /** Whether a label map is as it was written, as far as that is known; rows without one are sound. */
    boolean isLabelMapSound(int row, @Nullable ByteBuffer labelMap) {
        return labelMap == null
                || mapChecksums == null
                || Columns.checksum(labelMap) == mapChecksums.getLong(row * Long.BYTES);
    }

    private boolean isSound(int row, long expected) throws ShardException {
        boolean hasMap = hasLabelMap(row);
        long map = hasMap && mapChecksums != null ? mapChecksums.getLong(row * Long.BYTES) : -1;
        return hasMap == isSet(mapChecksummed, row)
                && Columns.rowChecksum(
                                names.read(file, row).array(), label(row), width(row), height(row), checksum(row), map)
                        == expected;
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
            ByteBuffer offsets =
                    rows == 0 ? ByteBuffer.allocate(Integer.BYTES) : read(number, (rows + 1L) * Integer.BYTES);
            return new Bytes(offsets, start + values.offset(), values.length());
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
