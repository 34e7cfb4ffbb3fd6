package org.capi.data.source.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * The end record of a zip archive, which tells where its directory is.
 *
 * @param directory where the first entry of the directory is
 * @param shift by how much places in the file lie behind what the archive says, when something was put before it
 */
record ZipEnd(long entries, long directory, long shift) {

    private static final int END = 0x06054B50;
    private static final int END_BYTES = 22;
    private static final int LOCATOR = 0x07064B50;
    private static final int LOCATOR_BYTES = 20;
    private static final int END64 = 0x06064B50;
    private static final int END64_BYTES = 56;
    private static final int MAX_COMMENT = 0xFFFF;
    private static final long IN_END64 = 0xFFFFFFFFL;

    static ZipEnd find(FileChannel channel, Path archive) throws IOException {
        long size = channel.size();
        int length = (int) Math.min(size, END_BYTES + MAX_COMMENT + LOCATOR_BYTES);
        ByteBuffer tail = read(channel, size - length, length);
        for (int at = length - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END && at + END_BYTES + u16(tail, at + 20) <= length) {
                return at(channel, tail, at, size - length + at, archive);
            }
        }
        throw new IOException(
                "the archive " + archive + " is cut off: its directory, at the end of a zip file, is missing");
    }

    private static ZipEnd at(FileChannel channel, ByteBuffer tail, int at, long position, Path archive)
            throws IOException {
        long entries = u16(tail, at + 10);
        long bytes = u32(tail, at + 12);
        long offset = u32(tail, at + 16);
        long end = position;
        if (u16(tail, at + 4) != 0 && u16(tail, at + 4) != 0xFFFF) {
            throw new IOException("the archive " + archive + " is one part of several, which are not read");
        }
        if ((entries == 0xFFFF || bytes == IN_END64 || offset == IN_END64)
                && at >= LOCATOR_BYTES
                && tail.getInt(at - LOCATOR_BYTES) == LOCATOR) {
            end = position - LOCATOR_BYTES - END64_BYTES;
            ByteBuffer end64 = read(channel, Math.max(0, end), END64_BYTES);
            if (end64.remaining() < END64_BYTES || end64.getInt(0) != END64) {
                throw new IOException(
                        "the archive " + archive + " is damaged: its large end record is not in its place");
            }
            entries = end64.getLong(32);
            bytes = end64.getLong(40);
            offset = end64.getLong(48);
        }
        long directory = end - bytes;
        if (entries < 0 || bytes < 0 || offset < 0 || directory < offset) {
            throw new IOException("the archive " + archive + " is damaged or cut off: its directory of " + bytes
                    + " bytes would begin at byte " + directory + ", by its end record at " + offset);
        }
        return new ZipEnd(entries, directory, directory - offset);
    }

    private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes, position + bytes.position()) >= 0) {
            // Reads until the buffer is full or the file ends.
        }
        return bytes.flip();
    }

    private static int u16(ByteBuffer bytes, int at) {
        return Short.toUnsignedInt(bytes.getShort(at));
    }

    private static long u32(ByteBuffer bytes, int at) {
        return Integer.toUnsignedLong(bytes.getInt(at));
    }
}
