package org.capi.data.source.hub;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.jspecify.annotations.Nullable;

/** Reads files one after another, one open at a time. */
final class ShardedReader implements EntryReader {

    private final Iterator<Shard> rest;
    private @Nullable EntryReader current;
    private long left;

    ShardedReader(List<Shard> shards) {
        this.rest = shards.iterator();
    }

    @Override
    public @Nullable Entry next() throws IOException {
        while (true) {
            if (current != null) {
                Entry entry = current.next();
                if (entry != null) {
                    left--;
                    return entry;
                }
                close();
            }
            if (!rest.hasNext()) {
                return null;
            }
            open(rest.next());
        }
    }

    @Override
    public void skip(long entries) throws IOException {
        long ahead = entries;
        while (true) {
            if (current != null) {
                if (ahead < left) {
                    current.skip(ahead);
                    left -= ahead;
                    return;
                }
                ahead -= left;
                close();
            }
            if (ahead == 0 || !rest.hasNext()) {
                return;
            }
            Shard shard = rest.next();
            if (shard.entries() <= ahead) {
                ahead -= shard.entries(); // without opening it
            } else {
                open(shard);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (current != null) {
            current.close();
            current = null;
        }
    }

    private void open(Shard shard) throws IOException {
        current = shard.open();
        left = shard.entries();
    }
}
