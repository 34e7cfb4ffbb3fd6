package org.capi.data.imports;

import java.io.IOException;
import java.util.List;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.capi.data.source.Label;
import org.capi.data.source.Source;
import org.capi.data.source.SourceSplit;
import org.jspecify.annotations.Nullable;

/** A collection without the labels of its images. */
record Unlabelled(Source source) implements Source {

    @Override
    public String description() {
        return source.description() + ", without labels";
    }

    @Override
    public List<SourceSplit> splits() {
        return source.splits().stream().<SourceSplit>map(Split::new).toList();
    }

    @Override
    public List<String> classes() {
        return List.of();
    }

    @Override
    public List<String> notes() {
        return source.notes();
    }

    private record Split(SourceSplit split) implements SourceSplit {

        @Override
        public String name() {
            return split.name();
        }

        @Override
        public long entries() {
            return split.entries();
        }

        @Override
        public EntryReader open() throws IOException {
            return new Reader(split.open());
        }
    }

    private record Reader(EntryReader reader) implements EntryReader {

        @Override
        public @Nullable Entry next() throws IOException {
            Entry entry = reader.next();
            return entry == null ? null : new Entry(entry.name(), entry.image(), Label.NONE, entry.labelMap());
        }

        @Override
        public void skip(long entries) throws IOException {
            reader.skip(entries);
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }
}
