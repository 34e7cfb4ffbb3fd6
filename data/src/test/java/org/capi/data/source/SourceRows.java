package org.capi.data.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.Source.SourceSplit;

/** What a source offers, as lines to compare: {@code split/name [label] checksum} or {@code split/name ! problem}. */
public final class SourceRows {

    private SourceRows() {}

    /** Every entry of every split, in their order; each split must have as many as it says. */
    public static List<String> of(Source source) throws IOException {
        List<String> rows = new ArrayList<>();
        for (SourceSplit split : source.splits()) {
            List<Entry> entries = entries(split, 0);
            if (entries.size() != split.entries()) {
                throw new AssertionError(split.name() + " says " + split.entries() + ", has " + entries.size());
            }
            // Read after the reader was closed, and backwards: contents stand alone.
            List<String> lines = new ArrayList<>(entries.stream().map(e -> "").toList());
            for (int i = entries.size() - 1; i >= 0; i--) {
                lines.set(i, split.name() + "/" + row(entries.get(i)));
            }
            rows.addAll(lines);
        }
        return rows;
    }

    /** The entries of a split after so many. */
    public static List<Entry> entries(SourceSplit split, long skipped) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (EntryReader reader = split.open()) {
            reader.skip(skipped);
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /** One entry as a line. */
    public static String row(Entry entry) {
        String label = entry.label() instanceof Label.Named named ? " [" + named.name() + "]" : "";
        if (entry.label() instanceof Label.Bad bad) {
            return entry.name() + " ! " + bad.problem();
        }
        Entry.Content map = entry.labelMap();
        try {
            return entry.name() + label + " " + crc(entry.image().read())
                    + (map == null ? "" : " map " + crc(map.read()));
        } catch (IOException e) {
            return entry.name() + " ! " + e.getMessage();
        }
    }

    /** The checksum that {@link #row} shows. */
    public static String crc(ByteBuffer bytes) {
        var crc = new CRC32();
        crc.update(bytes.duplicate());
        return Long.toHexString(crc.getValue());
    }
}
