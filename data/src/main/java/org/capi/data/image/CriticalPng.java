package org.capi.data.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * A PNG file without the chunks that say how to show it, its checksums verified.
 *
 * @param file the signature, header, palette, pixels and end: what a decoder of raw values needs
 * @param bits of a sample: 1, 2, 4, 8 or 16
 * @param colours the colour type of the PNG format: {@link #GREY}, {@link #PALETTE} ...
 */
record CriticalPng(ByteBuffer file, int height, int width, int bits, int colours) {

    static final int GREY = 0;
    static final int PALETTE = 3;

    private static final long SIGNATURE = 0x89504E470D0A1A0AL;
    private static final int IHDR = 0x49484452;
    private static final int IEND = 0x49454E44;
    private static final int ANCILLARY = 0x20000000; // the first letter is small
    private static final int AROUND = 12; // length, type and checksum of a chunk

    /** Reads the chunks; what is no PNG, or a damaged one, is refused. */
    static CriticalPng read(ByteBuffer encoded) throws IOException {
        ByteBuffer bytes = encoded.slice();
        if (!bytes.hasRemaining()) {
            throw new IOException("the file is empty");
        }
        if (bytes.remaining() < 8 || bytes.getLong() != SIGNATURE) {
            throw new IOException("the file is not a PNG");
        }
        if (bytes.remaining() < 13 + AROUND || bytes.getInt(8) != 13 || bytes.getInt(12) != IHDR) {
            throw new IOException("the PNG has no sound header");
        }
        var kept = new ByteArrayOutputStream(bytes.capacity());
        kept.writeBytes(bytesOf(bytes.slice(0, 8)));
        int type;
        do {
            ByteBuffer chunk = chunk(bytes);
            type = chunk.getInt(4);
            if ((type & ANCILLARY) == 0) {
                kept.writeBytes(bytesOf(chunk));
            }
        } while (type != IEND);
        return new CriticalPng(
                ByteBuffer.wrap(kept.toByteArray()), bytes.getInt(20), bytes.getInt(16), bytes.get(24), bytes.get(25));
    }

    private static ByteBuffer chunk(ByteBuffer bytes) throws IOException {
        int start = bytes.position();
        long length = bytes.remaining() < AROUND ? 0 : Integer.toUnsignedLong(bytes.getInt(start));
        if (bytes.remaining() < AROUND + length) {
            throw new IOException("the PNG is cut off at byte " + bytes.limit());
        }
        ByteBuffer chunk = bytes.slice(start, (int) length + AROUND);
        var crc = new CRC32();
        crc.update(chunk.slice(4, (int) length + 4));
        if ((int) crc.getValue() != chunk.getInt((int) length + 8)) {
            throw new IOException("the PNG is damaged: the chunk at byte " + start + " has a wrong checksum");
        }
        bytes.position(start + chunk.capacity());
        return chunk;
    }

    private static byte[] bytesOf(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }
}
