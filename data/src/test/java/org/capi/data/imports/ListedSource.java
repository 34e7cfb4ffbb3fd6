package org.capi.data.imports;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.capi.data.TestImages;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.Source;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.Source.SourceSplit;
import org.jspecify.annotations.Nullable;

/** A collection made of lists of entries, one of which its reader may fail at. */
record ListedSource(String description, Map<String, List<Entry>> entries, List<String> classes, int failAt)
        implements Source {

    static final int NEVER = -1;

    static ListedSource of(Map<String, List<Entry>> entries) {
        return new ListedSource("listed", entries, List.of(), NEVER);
    }

    /** Images with three classes; one of eleven is no image. */
    static List<Entry> images(int count, long seed) {
        List<Entry> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Label label = new Label.Named("class " + (i + 2) % 3);
            images.add(i % 11 == 7 ? broken("bad\t" + i) : image("image " + i, label, 1000 * seed + i));
        }
        return images;
    }

    static Entry image(String name, Label label, long seed) {
        return Entry.of(name, () -> ByteBuffer.wrap(TestImages.png(7 + (int) (seed % 5), 9, seed)), label);
    }

    static Entry broken(String name) {
        return Entry.broken(name, "is not an image: not\nat all");
    }

    /** The same collection, whose reader fails before an entry, counted over all splits. */
    ListedSource failingAt(int entry) {
        return new ListedSource(description, entries, classes, entry);
    }

    @Override
    public List<SourceSplit> splits() {
        List<SourceSplit> splits = new ArrayList<>();
        int before = 0;
        for (var split : entries.entrySet()) {
            splits.add(new Split(split.getKey(), split.getValue(), failAt - before));
            before += split.getValue().size();
        }
        return splits;
    }

    private record Split(String name, List<Entry> list, int failAt) implements SourceSplit {

        @Override
        public long entries() {
            return list.size();
        }

        @Override
        public EntryReader open() {
            return new EntryReader() {
                private int next;

                @Override
                public @Nullable Entry next() throws IOException {
                    if (next == failAt) {
                        throw new IOException("the collection cannot be read");
                    }
                    return next == list.size() ? null : list.get(next++);
                }

                @Override
                public void close() {}
            };
        }
    }
}
