package org.capi.data.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads the chunks of a WebP file (lossy, lossless or extended), each of which must lie within the file.
 *
 * @param frame where the still image, or the first frame of an animation, lies on the canvas
 */
record WebpHeader(int height, int width, CropBox frame, Orientation orientation) {

    private static final String LOSSY = "VP8 ";
    private static final String LOSSLESS = "VP8L";
    private static final String EXTENDED = "VP8X";
    private static final String FRAME = "ANMF";
    private static final int FIRST_CHUNK = 12;
    private static final int CHUNK_HEADER = 8;
    private static final int FRAME_HEADER = 16;
    private static final int SIDE = (1 << 14) - 1;

    /** A chunk of a file: its content, and where the next one starts. */
    private record Chunk(String name, ByteBuffer content, long end) {

        static Chunk at(ByteBuffer bytes, long start, long end) throws IOException {
            String name = StandardCharsets.ISO_8859_1
                    .decode(bytes.slice((int) start, 4))
                    .toString();
            long length = Integer.toUnsignedLong(bytes.getInt((int) start + 4));
            long next = start + CHUNK_HEADER + length;
            if (next > end) {
                throw new IOException("cannot be decoded: the WebP is damaged: the chunk at byte " + start + " has "
                        + length + " bytes, of which " + (end - start - CHUNK_HEADER) + " are there");
            }
            return new Chunk(
                    name,
                    bytes.slice((int) start + CHUNK_HEADER, (int) length).order(ByteOrder.LITTLE_ENDIAN),
                    next + (length & 1));
        }
    }

    /** The height and the width that a lossy or lossless bitstream starts with. */
    private record Size(int height, int width) {

        static Size of(Chunk chunk) throws IOException {
            ByteBuffer bytes = chunk.content;
            if (chunk.name.equals(LOSSY)) {
                // After the frame tag of 3 bytes.
                if ((bytes.getInt(3) & 0xFFFFFF) != 0x2A019D) {
                    throw new IOException("not a sound WebP: no start code before the size");
                }
                return new Size(bytes.getShort(8) & SIDE, bytes.getShort(6) & SIDE);
            }
            if (bytes.get(0) != 0x2F) {
                throw new IOException("not a sound WebP: no signature before the size");
            }
            int sides = bytes.getInt(1);
            return new Size(1 + (sides >>> 14 & SIDE), 1 + (sides & SIDE));
        }
    }

    static WebpHeader read(ByteBuffer encoded) throws IOException {
        ByteBuffer bytes = encoded.slice().order(ByteOrder.LITTLE_ENDIAN);
        long end = CHUNK_HEADER + Integer.toUnsignedLong(bytes.getInt(4));
        if (end > bytes.limit()) {
            throw new IOException(
                    "cannot be decoded: the WebP is cut off: it has " + bytes.limit() + " of " + end + " bytes");
        }
        Chunk first = Chunk.at(bytes, FIRST_CHUNK, end);
        return switch (first.name) {
            case LOSSY, LOSSLESS -> {
                Size size = Size.of(first);
                if (size.height == 0 || size.width == 0) {
                    throw new IOException("the header gives an impossible size: " + size.width + " x " + size.height);
                }
                yield new WebpHeader(
                        size.height, size.width, CropBox.whole(size.height, size.width), Orientation.UPRIGHT);
            }
            case EXTENDED -> extended(bytes, first, end);
            default -> throw new IOException("not a sound WebP: it starts with neither VP8, VP8L nor VP8X");
        };
    }

    ImageHeader toImageHeader() {
        return ImageHeader.ofStored(ImageHeader.Format.WEBP, height, width, orientation);
    }

    private static WebpHeader extended(ByteBuffer bytes, Chunk first, long end) throws IOException {
        int width = 1 + uint24(first.content, 4);
        int height = 1 + uint24(first.content, 7);
        CropBox frame = null;
        ByteBuffer exif = null;
        ByteBuffer xmp = null;
        Chunk chunk = first;
        while (chunk.end <= end - CHUNK_HEADER) {
            chunk = Chunk.at(bytes, chunk.end, end);
            switch (chunk.name) {
                case "EXIF" -> exif = chunk.content;
                case "XMP " -> xmp = chunk.content;
                case LOSSY, LOSSLESS, FRAME -> frame = frame == null ? frame(chunk, height, width) : frame;
                default -> {}
            }
        }
        if (frame == null) {
            throw new IOException("not a sound WebP: it has no pixels");
        }
        return new WebpHeader(height, width, frame, Orientation.of(exif, xmp));
    }

    /** Where the pixels of a chunk lie on the canvas; those of a still image cover it. */
    private static CropBox frame(Chunk chunk, int height, int width) throws IOException {
        boolean still = !chunk.name.equals(FRAME);
        ByteBuffer bytes = chunk.content;
        Size size = Size.of(still ? chunk : bitstream(bytes));
        int top = still ? 0 : 2 * uint24(bytes, 3);
        int left = still ? 0 : 2 * uint24(bytes, 0);
        int frameHeight = still ? height : 1 + uint24(bytes, 9);
        int frameWidth = still ? width : 1 + uint24(bytes, 6);
        ImageHeader.requireSize(frameHeight, frameWidth, size.height, size.width);
        if (top > height - frameHeight || left > width - frameWidth) {
            throw new IOException("not a sound WebP: the first frame does not lie within the image");
        }
        return new CropBox(top, left, frameHeight, frameWidth);
    }

    /** The chunk of an animation's frame that holds its colours; one of alpha may stand before it. */
    private static Chunk bitstream(ByteBuffer frame) throws IOException {
        long at = FRAME_HEADER;
        while (at <= frame.limit() - CHUNK_HEADER) {
            Chunk chunk = Chunk.at(frame, at, frame.limit());
            if (chunk.name.equals(LOSSY) || chunk.name.equals(LOSSLESS)) {
                return chunk;
            }
            at = chunk.end;
        }
        throw new IOException("not a sound WebP: its first frame has no pixels");
    }

    private static int uint24(ByteBuffer bytes, int at) {
        return Short.toUnsignedInt(bytes.getShort(at)) | Byte.toUnsignedInt(bytes.get(at + 2)) << 16;
    }
}
