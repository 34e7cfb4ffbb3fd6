package org.capi.data.source.hub;

import java.util.List;
import org.capi.data.source.EntryReader;
import org.capi.data.source.SourceSplit;

/** A split that lies in several files, one after another. */
record ShardedSplit(String name, List<Shard> shards) implements SourceSplit {

    ShardedSplit {
        shards = List.copyOf(shards);
    }

    @Override
    public long entries() {
        return shards.stream().mapToLong(Shard::entries).sum();
    }

    @Override
    public EntryReader open() {
        return new ShardedReader(shards);
    }
}
