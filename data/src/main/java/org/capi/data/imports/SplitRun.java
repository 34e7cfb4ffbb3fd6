package org.capi.data.imports;

import java.io.IOException;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.arrow.SplitWriter;
import org.capi.data.imports.EntryCheck.Checked;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.capi.data.source.Label;

/** One split on its way into shards. */
final class SplitRun implements AutoCloseable {

    private final Journal.Part begun;
    private final ClassRegistry classes;
    private final SplitWriter writer;
    private final Skips skips;
    private final Listener listener;
    private long entries;
    private String last;

    /** Hears of every entry that is done with, and of every shard that is complete. */
    interface Listener {
        void entry();

        void shard(Journal.Part soFar) throws IOException;
    }

    SplitRun(Journal.Part begun, SplitWriter writer, Skips skips, ClassRegistry classes, Listener listener) {
        this.begun = begun;
        this.writer = writer;
        this.skips = skips;
        this.classes = classes;
        this.listener = listener;
        this.entries = begun.entries();
        this.last = begun.last();
    }

    /** Reads what is left of the entries. */
    void read(EntryReader reader, EntryCheck check, int threads) throws IOException {
        passOver(reader);
        try (var checks = new InOrder<>(threads, this::take)) {
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                Entry next = entry;
                checks.submit(() -> check.check(next));
            }
            checks.drain();
        }
        writer.endShard();
        Journal.Part whole = soFar();
        if (whole.contents().images() == 0) {
            throw new IOException("the split " + begun.split() + " has no readable image; left out: "
                    + whole.skipped().reasons());
        }
        listener.shard(whole);
    }

    @Override
    public void close() throws IOException {
        try (skips) {
            writer.close();
        }
    }

    /** Goes to where the import stopped, and makes sure that the entries before are the same. */
    private void passOver(EntryReader reader) throws IOException {
        if (entries == 0) {
            return;
        }
        reader.skip(entries - 1);
        Entry before = reader.next();
        String name = before == null ? "nothing" : before.name();
        if (!name.equals(last)) {
            throw new IllegalArgumentException("the collection has changed since its import was begun: entry " + entries
                    + " of the split " + begun.split() + " was " + last + " and is " + name
                    + "; delete the folder import.partial to begin anew");
        }
    }

    private void take(Checked checked) throws IOException {
        entries++;
        last = checked.name();
        ImageRecord image = checked.image();
        boolean shard = image == null ? leaveOut(checked.problem()) : add(image, checked.label());
        if (shard) {
            listener.shard(soFar());
        }
        listener.entry();
    }

    private boolean add(ImageRecord image, Label said) throws IOException {
        int label;
        if (image.labelMap() != null) {
            classes.requireMapValues();
        }
        try {
            label = classes.label(said);
        } catch (IOException e) {
            return leaveOut(String.valueOf(e.getMessage()));
        }
        return writer.add(image.withLabel(label));
    }

    private boolean leaveOut(String problem) throws IOException {
        skips.add(last, problem);
        return false;
    }

    private Journal.Part soFar() throws IOException {
        return new Journal.Part(begun.split(), entries, last, writer.contents(), skips.skipped(), skips.forcedBytes());
    }
}
