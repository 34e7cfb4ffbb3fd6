package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.file.Path;
import org.capi.data.files.GitLfs;
import org.jspecify.annotations.Nullable;

/** A file of a collection is damaged, or not of its kind; the message names it. */
final class UnreadableFile extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    UnreadableFile(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Refuses what Git LFS left in the place of a file. */
    static void checkFetched(Path file) throws IOException {
        if (GitLfs.isPointer(file)) {
            throw new UnreadableFile(file + " is " + GitLfs.PROBLEM, null);
        }
    }
}
