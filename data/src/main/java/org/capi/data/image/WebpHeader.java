package org.capi.data.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads the size of a WebP (lossy, lossless or extended), and its orientation from an EXIF chunk. */
final class WebpHeader {

    private static final int LOSSY = 0x56503820; // "VP8 "
    private static final int LOSSLESS = 0x5650384C; // "VP8L"
    private static final int EXTENDED = 0x56503858; // "VP8X"
    private static final int EXIF = 0x45584946;
    private static final int FIRST_CHUNK = 12;
    private static final int CONTENT = 20;
    private static final int SIDE = (1 << 14) - 1;

    private WebpHeader() {}

    static ImageHeader read(ByteBuffer bytes) throws IOException {
        int kind = name(bytes, FIRST_CHUNK);
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        switch (kind) {
            case LOSSY -> {
                int start = CONTENT + 3; // after the frame tag
                if ((bytes.getInt(start) & 0xFFFFFF) != 0x2A019D) {
                    throw new IOException("not a sound WebP: no start code before the size");
                }
                return header(bytes.getShort(start + 5) & SIDE, bytes.getShort(start + 3) & SIDE, Orientation.UPRIGHT);
            }
            case LOSSLESS -> {
                if (bytes.get(CONTENT) != 0x2F) {
                    throw new IOException("not a sound WebP: no signature before the size");
                }
                int sides = bytes.getInt(CONTENT + 1);
                return header(1 + (sides >>> 14 & SIDE), 1 + (sides & SIDE), Orientation.UPRIGHT);
            }
            case EXTENDED -> {
                int width = 1 + (bytes.getInt(CONTENT + 4) & 0xFFFFFF);
                int height = 1 + (bytes.getInt(CONTENT + 6) >>> 8);
                return header(height, width, orientation(bytes));
            }
            default -> throw new IOException("not a sound WebP: it starts with neither VP8, VP8L nor VP8X");
        }
    }

    private static Orientation orientation(ByteBuffer bytes) {
        long at = FIRST_CHUNK;
        while (at <= bytes.limit() - 8) {
            int chunk = (int) at;
            long length = Integer.toUnsignedLong(bytes.getInt(chunk + 4));
            if (name(bytes, chunk) == EXIF && at + 8 + length <= bytes.limit()) {
                return Orientation.ofExif(bytes.slice(chunk + 8, (int) length));
            }
            at += 8 + length + (length & 1);
        }
        return Orientation.UPRIGHT;
    }

    private static int name(ByteBuffer bytes, int at) {
        int name = bytes.getInt(at);
        return bytes.order() == ByteOrder.BIG_ENDIAN ? name : Integer.reverseBytes(name);
    }

    private static ImageHeader header(int height, int width, Orientation orientation) {
        return ImageHeader.ofStored(ImageHeader.Format.WEBP, height, width, orientation);
    }
}
