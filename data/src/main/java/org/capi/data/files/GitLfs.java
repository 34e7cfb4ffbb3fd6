package org.capi.data.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The short texts that Git LFS leaves in the place of large files until they are fetched. */
public final class GitLfs {

    /** What is wrong with such a file, and how to get the real one. */
    public static final String PROBLEM = "a Git LFS pointer, not the file itself; run 'git lfs pull'";

    private static final ByteBuffer START =
            StandardCharsets.US_ASCII.encode("version https://git-lfs.github.com/spec/");

    private GitLfs() {}

    public static boolean isPointer(ByteBuffer content) {
        int length = START.remaining();
        return content.remaining() >= length
                && content.slice(content.position(), length).equals(START);
    }

    public static boolean isPointer(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return isPointer(ByteBuffer.wrap(in.readNBytes(START.remaining())));
        }
    }
}
