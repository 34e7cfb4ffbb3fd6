package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.capi.data.source.SourceOptions;
import org.jspecify.annotations.Nullable;

/** One file of a collection, looked through once, so that its faults and its number of entries are known. */
interface Shard {

    /** Its path below the collection's root, with slashes. */
    String name();

    long entries();

    EntryReader open() throws IOException;

    /** Looks through files in turn. */
    @FunctionalInterface
    interface Scan {
        Shard file(Path file) throws IOException;
    }

    /** Looks through files; damaged ones among sound ones are left out or refused, as the options say. */
    static List<Shard> scan(CollectionFiles files, SourceOptions options, Scan scan) throws IOException {
        List<Shard> shards = new ArrayList<>();
        UnreadableFile first = null;
        boolean sound = false;
        for (Path file : files.files()) {
            try {
                UnreadableFile.checkFetched(file);
                shards.add(scan.file(file));
                sound = true;
            } catch (UnreadableFile e) {
                if (!options.skipFiles()) {
                    throw e;
                }
                first = first == null ? e : first;
                String problem = String.valueOf(e.getMessage());
                LogManager.getLogger(Shard.class).warn("all of a file is left out: {}", problem);
                shards.add(new Unreadable(files.name(file), problem));
            }
        }
        if (first != null && !sound) {
            throw first;
        }
        return shards;
    }

    /** A file that cannot be read, as one broken entry. */
    record Unreadable(String name, String problem) implements Shard {

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
                    Entry entry = read ? null : Entry.broken(name, "unreadable file: " + problem);
                    read = true;
                    return entry;
                }

                @Override
                public void close() {}
            };
        }
    }
}
