package org.capi.data.source.archive;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Goes through the files and links of an archive in their order, holding one at a time. */
interface Members extends AutoCloseable {

    /** The next one, or null at the end. */
    @Nullable
    Member next() throws IOException;

    /** What follows the end and is not read, in words; empty before the end, and where nothing does. */
    default String trailing() {
        return "";
    }

    @Override
    void close() throws IOException;
}
