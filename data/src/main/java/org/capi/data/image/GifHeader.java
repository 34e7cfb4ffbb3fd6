package org.capi.data.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads the blocks of a GIF file up to its first frame, which alone is decoded: a decoder that reads an animation takes
 * the memory of all its frames.
 *
 * @param height of the canvas, which is enlarged to hold the frame
 * @param frame where the first frame lies on the canvas
 * @param palette red, green and blue of each colour of the first frame
 * @param background the index of the colour around the frame
 * @param start where the frame's descriptor starts in the file
 */
record GifHeader(int height, int width, CropBox frame, ByteBuffer palette, int background, int start) {

    private static final int FIRST_BLOCK = 13;
    private static final int EXTENSION = 0x21;
    private static final int GRAPHIC_CONTROL = 0xF9;
    private static final int IMAGE = 0x2C;
    private static final int TRAILER = 0x3B;
    private static final int HAS_TABLE = 0x80;
    private static final int INTERLACED = 0x40;
    private static final int DESCRIPTOR = 10;

    static GifHeader read(ByteBuffer encoded) throws IOException {
        ByteBuffer bytes = encoded.slice().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer palette = table(bytes, FIRST_BLOCK, bytes.get(10));
        int at = FIRST_BLOCK + palette.limit();
        int background = 0;
        while (uint8(bytes, at) != IMAGE) {
            if (uint8(bytes, at) != EXTENSION) {
                throw new IOException("not a sound GIF: it has no frame");
            }
            boolean transparent = uint8(bytes, at + 1) == GRAPHIC_CONTROL && (bytes.get(at + 3) & 1) != 0;
            background = transparent ? uint8(bytes, at + 6) : background;
            at = afterSubBlocks(bytes, at + 2);
        }
        int left = uint16(bytes, at + 1);
        int top = uint16(bytes, at + 3);
        int width = uint16(bytes, at + 5);
        int height = uint16(bytes, at + 7);
        if (height == 0 || width == 0) {
            throw new IOException("the header gives an impossible size of its first frame: " + width + " x " + height);
        }
        ByteBuffer local = table(bytes, at + DESCRIPTOR, bytes.get(at + 9));
        return new GifHeader(
                Math.max(uint16(bytes, 8), top + height),
                Math.max(uint16(bytes, 6), left + width),
                new CropBox(top, left, height, width),
                local.hasRemaining() ? local : palette,
                background,
                at);
    }

    ImageHeader toImageHeader() {
        return ImageHeader.ofStored(ImageHeader.Format.GIF, height, width, Orientation.UPRIGHT);
    }

    /** Red, green and blue of what the frame does not cover. */
    byte[] backgroundColour() {
        byte[] colour = new byte[PixelRows.CHANNELS];
        if (3 * background < palette.limit()) {
            palette.get(3 * background, colour);
        }
        return colour;
    }

    /** A GIF of the first frame alone, without a canvas around it and with no colour of it transparent. */
    ByteBuffer firstFrame(ByteBuffer encoded) throws IOException {
        ByteBuffer bytes = encoded.slice();
        int table = (bytes.get(start + 9) & HAS_TABLE) == 0 ? 0 : palette.limit();
        int data = start + DESCRIPTOR + table;
        int end = afterSubBlocks(bytes, data + 1);
        ByteBuffer gif = ByteBuffer.allocate(FIRST_BLOCK + palette.limit() + DESCRIPTOR + end - data + 1)
                .order(ByteOrder.LITTLE_ENDIAN);
        int flags = palette.hasRemaining() ? HAS_TABLE | Integer.numberOfTrailingZeros(palette.limit() / 3) - 1 : 0;
        gif.put(bytes.slice(0, 6)).putShort((short) frame.width()).putShort((short) frame.height());
        gif.put((byte) flags).putShort((short) 0).put(palette.duplicate());
        gif.put((byte) IMAGE).putInt(0).putShort((short) frame.width()).putShort((short) frame.height());
        gif.put((byte) (bytes.get(start + 9) & INTERLACED)).put(bytes.slice(data, end - data));
        return gif.put((byte) TRAILER).flip();
    }

    /** Refuses a file that ends within a block; the mark of its end may be missing. */
    void requireWhole(ByteBuffer encoded) throws IOException {
        ByteBuffer bytes = encoded.slice();
        int at = start;
        while (at < bytes.limit() && (uint8(bytes, at) == IMAGE || uint8(bytes, at) == EXTENSION)) {
            if (uint8(bytes, at) == EXTENSION) {
                at = afterSubBlocks(bytes, at + 2);
            } else if (at + DESCRIPTOR > bytes.limit()) {
                throw cutOff();
            } else {
                at += DESCRIPTOR + tableBytes(bytes.get(at + 9));
                at = afterSubBlocks(bytes, at + 1);
            }
        }
    }

    private static int afterSubBlocks(ByteBuffer bytes, int first) throws IOException {
        int at = first;
        while (at < bytes.limit()) {
            int length = uint8(bytes, at);
            at += 1 + length;
            if (length == 0) {
                return at;
            }
        }
        throw cutOff();
    }

    private static IOException cutOff() {
        return new IOException("cannot be decoded: the GIF is cut off");
    }

    private static ByteBuffer table(ByteBuffer bytes, int at, byte flags) {
        return bytes.slice(at, tableBytes(flags));
    }

    private static int tableBytes(byte flags) {
        return (flags & HAS_TABLE) == 0 ? 0 : 3 * (2 << (flags & 7));
    }

    private static int uint8(ByteBuffer bytes, int at) {
        return Byte.toUnsignedInt(bytes.get(at));
    }

    private static int uint16(ByteBuffer bytes, int at) {
        return Short.toUnsignedInt(bytes.getShort(at));
    }
}
