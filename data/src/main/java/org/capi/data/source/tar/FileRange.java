package org.capi.data.source.tar;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.capi.data.source.Entry;

/** The bytes of a stretch of a file, which is opened anew for each reading. */
public record FileRange(Path file, long offset, long length) implements Entry.Content {

    @Override
    public ByteBuffer read() throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            if (offset < 0 || length < 0 || length > channel.size() - offset) {
                throw new EOFException("cut off: the archive ends before the " + length + " bytes at byte " + offset);
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) length);
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, offset + bytes.position()) < 0) {
                    throw new EOFException("cut off: the archive became shorter while it was read");
                }
            }
            return bytes.flip();
        }
    }
}
