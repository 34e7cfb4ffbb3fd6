package org.capi.data.source.hub;

import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.jspecify.annotations.Nullable;

/** A file of a collection that cannot be read, as one broken entry. */
record UnreadableShard(Table table, String problem) implements TableShard {

    @Override
    public long entries() {
        return 1;
    }

    @Override
    public EntryReader open() {
        return new EntryReader() {
            private boolean read;

            @Override
            public @Nullable Entry next() {
                Entry entry = read ? null : Entry.broken(table.name(), "unreadable file: " + problem);
                read = true;
                return entry;
            }

            @Override
            public void close() {}
        };
    }
}
