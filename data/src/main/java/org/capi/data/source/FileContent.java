package org.capi.data.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The bytes of a file, as an entry's content. */
public record FileContent(Path file) implements Entry.Content {

    /** The longest file that is read as one image. */
    private static final long MAX_BYTES = 1L << 30;

    private static final long MAX_UNPACKED_BYTES = 1L << 28;

    /** Why so many bytes are not read as one image, {@code reason: detail}; empty when they are. */
    public static String problem(long bytes) {
        return problem(bytes, MAX_BYTES);
    }

    /** The same of a file that is packed, and has to be unpacked into memory to be looked at. */
    public static String problemUnpacked(long bytes) {
        return problem(bytes, MAX_UNPACKED_BYTES);
    }

    private static String problem(long bytes, long most) {
        return bytes <= most ? "" : "too large: the file has " + bytes + " bytes, at most " + most;
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
}
