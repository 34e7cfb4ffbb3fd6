package org.capi.data.source;

import java.io.IOException;

/** One split of a collection: train, val, test or what else it is called. */
public interface SourceSplit {

    String name();

    /** How many entries {@link #open} will give, those that turn out not to be readable included. */
    long entries();

    /** Starts to read at the first entry; several readers may be open at once. */
    EntryReader open() throws IOException;
}
