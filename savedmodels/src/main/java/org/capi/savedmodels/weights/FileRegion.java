package org.capi.savedmodels.weights;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32;

/**
 * A run of bytes in an open file.
 *
 * @param position where it begins in the file
 * @param size how many bytes it has
 */
record FileRegion(FileChannel file, long position, long size) {

    private static final int CHUNK = 1 << 20;

    /** Fills the rest of a buffer with what begins at a place of this region. */
    void read(long from, ByteBuffer into) throws IOException {
        if (from < 0 || into.remaining() > size - from) {
            throw new EOFException(
                    "a read of " + into.remaining() + " bytes at " + from + " passes the end of " + size);
        }
        long at = position + from;
        while (into.hasRemaining()) {
            int count = file.read(into, at);
            if (count < 0) {
                throw new EOFException("the file ends at byte " + at + "; it was cut short while it was read");
            }
            at += count;
        }
    }

    /** All of a small region. */
    byte[] bytes() throws IOException {
        byte[] bytes = new byte[Math.toIntExact(size)];
        read(0, ByteBuffer.wrap(bytes));
        return bytes;
    }

    /** Its checksum as zip files have it. */
    long crc32() throws IOException {
        var crc = new CRC32();
        var chunk = ByteBuffer.allocateDirect((int) Math.max(1, Math.min(CHUNK, size)));
        for (long at = 0; at < size; at += chunk.capacity()) {
            chunk.clear().limit((int) Math.min(chunk.capacity(), size - at));
            read(at, chunk);
            crc.update(chunk.flip());
        }
        return crc.getValue();
    }
}
