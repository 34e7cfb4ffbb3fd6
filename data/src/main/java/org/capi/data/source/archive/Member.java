package org.capi.data.source.archive;

import java.io.IOException;
import org.capi.data.source.Entry;

/**
 * A file or link in an archive.
 *
 * @param path as the archive spells it
 * @param problem why its bytes cannot be had, {@code reason: detail}; empty where they can
 */
record Member(String path, String problem, Bytes bytes) {

    /** Makes what will give the bytes; to be asked before the archive's next member. */
    @FunctionalInterface
    interface Bytes {
        Entry.Content content() throws IOException;
    }

    static Member broken(String path, String problem) {
        return new Member(path, problem, () -> {
            throw new IllegalStateException(path + " has no bytes: " + problem);
        });
    }
}
