package org.capi.data.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The first directory of a TIFF file, or of EXIF data, which have the same form. */
final class TiffDirectory {

    private static final int ENTRY_BYTES = 12;
    private static final int BYTE = 1;
    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int UNDEFINED = 7;

    private static final int BITS_PER_SAMPLE = 258;
    private static final int SAMPLES_PER_PIXEL = 277;
    private static final int STRIP_OFFSETS = 273;
    private static final int STRIP_BYTES = 279;
    private static final int TILE_WIDTH = 322;
    private static final int TILE_HEIGHT = 323;
    private static final int TILE_OFFSETS = 324;
    private static final int TILE_BYTES = 325;

    private final ByteBuffer bytes;
    private final boolean whole;
    private final Map<Integer, Integer> entries = new HashMap<>(); // from a tag to the position of its entry

    private TiffDirectory(ByteBuffer bytes) {
        this.bytes = bytes;
        int first = bytes.getInt(4);
        int count = Short.toUnsignedInt(bytes.getShort(first));
        int end = first + Short.BYTES + count * ENTRY_BYTES;
        this.whole = end <= bytes.limit();
        for (int at = first + Short.BYTES; at < end && at <= bytes.limit() - ENTRY_BYTES; at += ENTRY_BYTES) {
            entries.putIfAbsent(Short.toUnsignedInt(bytes.getShort(at)), at);
        }
    }

    /** Reads the entries that lie within the file. */
    static TiffDirectory read(ByteBuffer tiff) throws IOException {
        ByteBuffer bytes = tiff.slice();
        switch (bytes.getShort(0)) {
            case 0x4949 -> bytes.order(ByteOrder.LITTLE_ENDIAN);
            case 0x4D4D -> bytes.order(ByteOrder.BIG_ENDIAN);
            default -> throw new IOException("not a TIFF structure: no byte order at its start");
        }
        if (bytes.getShort(2) != 42) {
            throw new IOException("not a TIFF structure: 42 expected, was " + bytes.getShort(2));
        }
        return new TiffDirectory(bytes);
    }

    /** Refuses a file that ends before its directory or its pixels do. */
    void requireWhole() throws IOException {
        if (!whole || Math.max(end(STRIP_OFFSETS, STRIP_BYTES), end(TILE_OFFSETS, TILE_BYTES)) > bytes.limit()) {
            throw new IOException("cannot be decoded: the TIFF is cut off");
        }
    }

    /** The bytes of an image of so many pixels, and of one of its tiles, once they are decoded. */
    long decodedBytes(long pixels) {
        long bits = Arrays.stream(numbers(BITS_PER_SAMPLE)).max().orElse(1);
        double tile =
                (double) Integer.toUnsignedLong(value(TILE_WIDTH, 0)) * Integer.toUnsignedLong(value(TILE_HEIGHT, 0));
        double bytesOfPixel = Math.max(1, value(SAMPLES_PER_PIXEL, 1)) * (double) Math.max(1, (bits + 7) / 8);
        return (long) ((pixels + tile) * bytesOfPixel);
    }

    /** The only number of a tag, or {@code otherwise}. */
    int value(int tag, int otherwise) {
        long[] numbers = numbers(tag);
        return numbers.length == 1 ? (int) numbers[0] : otherwise;
    }

    /** The whole numbers of a tag; none where they do not lie within the file. */
    private long[] numbers(int tag) {
        Integer entry = entries.get(tag);
        int size = entry == null ? 0 : size(bytes.getShort(entry + 2));
        if (entry == null || size == 0) {
            return new long[0];
        }
        long count = Integer.toUnsignedLong(bytes.getInt(entry + 4));
        long at = count * size <= Integer.BYTES ? entry + 8 : Integer.toUnsignedLong(bytes.getInt(entry + 8));
        if (at + count * size > bytes.limit()) {
            return new long[0];
        }
        long[] numbers = new long[(int) count];
        for (int i = 0; i < numbers.length; i++) {
            int position = (int) at + i * size;
            numbers[i] = switch (size) {
                case 1 -> Byte.toUnsignedLong(bytes.get(position));
                case 2 -> Short.toUnsignedLong(bytes.getShort(position));
                default -> Integer.toUnsignedLong(bytes.getInt(position));
            };
        }
        return numbers;
    }

    /** The bytes of a tag; null where they do not lie within the file. */
    @Nullable
    ByteBuffer content(int tag) {
        Integer entry = entries.get(tag);
        if (entry == null) {
            return null;
        }
        int type = bytes.getShort(entry + 2);
        long count = Integer.toUnsignedLong(bytes.getInt(entry + 4));
        long at = Integer.toUnsignedLong(bytes.getInt(entry + 8));
        boolean bytesOfFile = (type == BYTE || type == UNDEFINED) && count > Integer.BYTES;
        return bytesOfFile && at + count <= bytes.limit() ? bytes.slice((int) at, (int) count) : null;
    }

    boolean has(int tag) {
        return entries.containsKey(tag);
    }

    /** The end of the last strip or tile; 0 where their positions are not given. */
    private long end(int offsetsTag, int bytesTag) {
        long[] offsets = numbers(offsetsTag);
        long[] lengths = numbers(bytesTag);
        long end = 0;
        for (int i = 0; i < Math.min(offsets.length, lengths.length); i++) {
            end = Math.max(end, offsets[i] + lengths[i]);
        }
        return end;
    }

    private static int size(short type) {
        return switch (type) {
            case BYTE -> 1;
            case SHORT -> 2;
            case LONG -> 4;
            default -> 0;
        };
    }
}
