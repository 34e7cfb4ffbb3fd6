package org.capi.data.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The bytes of a file, as an entry's content. */
public record FileContent(Path file) implements Entry.Content {

    /** The longest file that is read as one image. */
    public static final long MAX_BYTES = 1L << 30;

    @Override
    public ByteBuffer read() throws IOException {
        try {
            long bytes = Files.size(file);
            if (bytes > MAX_BYTES) {
                throw new IOException("too large: the file has " + bytes + " bytes, at most " + MAX_BYTES);
            }
            return ByteBuffer.wrap(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new IOException("the file is missing or a broken link", e);
        }
    }
}
