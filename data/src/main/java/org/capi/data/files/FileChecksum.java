package org.capi.data.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;

/** The CRC-32C of whole files. */
public final class FileChecksum {

    private static final int BUFFER = 1 << 20;

    private FileChecksum() {}

    /** Reads a file to its end. */
    public static long crc32c(Path file) throws IOException {
        return crc32c(file, bytes -> {});
    }

    /** The same, saying now and then how many more bytes were read. */
    public static long crc32c(Path file, LongConsumer read) throws IOException {
        var crc = new CRC32C();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer part = ByteBuffer.allocateDirect(BUFFER);
            while (channel.read(part) >= 0) {
                read.accept(part.flip().remaining());
                crc.update(part);
                part.clear();
            }
        }
        return crc.getValue();
    }
}
