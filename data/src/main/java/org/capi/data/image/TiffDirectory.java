package org.capi.data.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * The first directory of a TIFF file, or of EXIF data, which have the same form.
 *
 * @param values the whole numbers in it, by tag
 */
record TiffDirectory(Map<Integer, Integer> values) {

    private static final int ENTRY_BYTES = 12;
    private static final int BYTE = 1;
    private static final int SHORT = 3;
    private static final int LONG = 4;

    TiffDirectory {
        values = Map.copyOf(values);
    }

    /** Reads as many entries as there are, passing over those that hold something else than one number. */
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
        int first = bytes.getInt(4);
        int entries = Short.toUnsignedInt(bytes.getShort(first));
        Map<Integer, Integer> values = new HashMap<>();
        for (int i = 0; i < entries; i++) {
            int at = first + Short.BYTES + i * ENTRY_BYTES;
            if (at > bytes.limit() - ENTRY_BYTES) {
                break;
            }
            int count = bytes.getInt(at + 4);
            int type = Short.toUnsignedInt(bytes.getShort(at + 2));
            if (count == 1 && (type == BYTE || type == SHORT || type == LONG)) {
                values.putIfAbsent(Short.toUnsignedInt(bytes.getShort(at)), number(bytes, at + 8, type));
            }
        }
        return new TiffDirectory(values);
    }

    /** The number of a tag, or another one where it has none. */
    int value(int tag, int otherwise) {
        return values.getOrDefault(tag, otherwise);
    }

    private static int number(ByteBuffer bytes, int at, int type) {
        return switch (type) {
            case BYTE -> Byte.toUnsignedInt(bytes.get(at));
            case SHORT -> Short.toUnsignedInt(bytes.getShort(at));
            default -> bytes.getInt(at);
        };
    }
}
