package org.capi.data.source;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads the entries of a split one by one, from one thread, holding no more than a few of them. */
public interface EntryReader extends AutoCloseable {

    /** The next entry, or null at the end. */
    @Nullable
    Entry next() throws IOException;

    /** Passes over entries, without reading what they hold where that can be avoided. */
    default void skip(long entries) throws IOException {
        for (long i = 0; i < entries; i++) {
            if (next() == null) {
                return;
            }
        }
    }

    @Override
    void close() throws IOException;
}
