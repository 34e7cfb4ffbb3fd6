package org.capi.data.source;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The bytes of a file, as an entry's content. */
public record FileContent(Path file) implements Entry.Content {

    private static final long MAX_BYTES = 1L << 30;
    private static final long MAX_UNPACKED_BYTES = 1L << 28;

    /** Why a file of so many bytes is not read as one image, {@code reason: detail}; empty when it is. */
    public static String problem(long bytes) {
        return problem(bytes, MAX_BYTES);
    }

    /** The same of a file that is compressed, and has to be decompressed into memory. */
    public static String problemUnpacked(long bytes) {
        return problem(bytes, MAX_UNPACKED_BYTES);
    }

    private static String problem(long bytes, long max) {
        return bytes <= max ? "" : "too large: the file has " + bytes + " bytes, at most " + max;
    }

    @Override
    public ByteBuffer read() throws IOException {
        try {
            String problem = problem(Files.size(file));
            if (!problem.isEmpty()) {
                throw new IOException(problem);
            }
            return ByteBuffer.wrap(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new IOException("the file is missing or a broken link", e);
        }
    }

    /** Reads a range of a file in full, as a little-endian buffer. */
    public static ByteBuffer read(FileChannel channel, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw new EOFException("cut off: the file became shorter while it was read");
            }
        }
        return bytes.flip();
    }

    /** A range of an archive, which is opened anew for each reading. */
    public record Range(Path file, long offset, long length) implements Entry.Content {

        @Override
        public ByteBuffer read() throws IOException {
            try (FileChannel channel = FileChannel.open(file)) {
                if (offset < 0 || length < 0 || length > channel.size() - offset) {
                    throw new EOFException(
                            "cut off: the archive ends before the " + length + " bytes at byte " + offset);
                }
                return FileContent.read(channel, offset, (int) length).order(ByteOrder.BIG_ENDIAN);
            }
        }
    }
}
