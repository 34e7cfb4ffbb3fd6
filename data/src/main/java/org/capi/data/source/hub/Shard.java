package org.capi.data.source.hub;

import java.io.IOException;
import org.capi.data.source.EntryReader;

/** One file of a collection, looked through once, so that its faults and its number of entries are known. */
interface Shard {

    /** Its path below the collection's root, with slashes. */
    String name();

    long entries();

    EntryReader open() throws IOException;
}
