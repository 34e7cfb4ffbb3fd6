package org.capi.data.imports;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.Progress;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.DatasetInfo.ListInfo;
import org.capi.data.arrow.SplitWriter;
import org.capi.data.source.EntryReader;
import org.capi.data.source.Source;
import org.capi.data.source.SourceSplit;

/** Writes the splits of one import one after the other, keeps its journal, and puts all of them in their places. */
final class ImportRun {

    private final Source source;
    private final ImportOptions options;
    private final PartialFolder partial;
    private final Conditions conditions;
    private final ClassRegistry classes;
    private final List<Journal.Part> parts;
    private final SkipLimit limit;
    private final long total;
    private long done;

    /** Goes on where a journal ends. */
    ImportRun(Source source, ImportOptions options, Journal begun, PartialFolder partial) {
        this.source = source;
        this.options = options;
        this.partial = partial;
        this.conditions = begun.conditions();
        this.classes = new ClassRegistry(begun.classes());
        this.classes.addAll(source.classes());
        this.parts = new ArrayList<>(begun.parts());
        this.total = source.splits().stream().mapToLong(SourceSplit::entries).sum();
        this.limit = new SkipLimit(options, total, begun.skipped());
        this.done = begun.entries();
    }

    void run(EntryCheck check, Progress progress) throws IOException {
        if (done > 0) {
            progress.from(done, total);
        }
        List<SourceSplit> splits = source.splits();
        int readToTheEnd = Math.max(0, parts.size() - 1);
        for (int i = readToTheEnd; i < splits.size(); i++) {
            if (i == parts.size()) {
                parts.add(Journal.Part.begin(splits.get(i).name()));
            }
            read(splits.get(i), i, check, progress);
        }
        finish();
    }

    private void read(SourceSplit split, int index, EntryCheck check, Progress progress) throws IOException {
        Journal.Part begun = parts.get(index);
        Path folder = Files.createDirectories(partial.split(begun.split()));
        var writer = new SplitWriter(folder, options.shardBytes(), begun.contents());
        var skips = new Skips(folder, begun.skipped(), begun.skippedBytes(), limit);
        var listener = new SplitRun.Listener() {
            @Override
            public void entry() {
                progress.at(++done, total);
            }

            @Override
            public void shard(Journal.Part soFar) throws IOException {
                parts.set(index, soFar);
                partial.write(journal(false));
            }
        };
        try (var run = new SplitRun(begun, writer, skips, classes, listener);
                EntryReader reader = split.open()) {
            run.read(reader, check, options.threads());
        }
    }

    private void finish() throws IOException {
        for (Journal.Part part : parts) {
            Path folder = partial.split(part.split());
            ListInfo list = part.skippedBytes() == 0 ? null : ListInfo.of(folder.resolve(DatasetInfo.SKIPPED_FILE));
            SplitWriter.describe(
                    folder,
                    DatasetInfo.of(
                            conditions.source(),
                            classes.names(),
                            conditions.ignored(),
                            part.contents(),
                            part.skipped(),
                            list));
        }
        Journal whole = journal(true);
        partial.write(whole);
        partial.moveToPlaces(whole);
    }

    private Journal journal(boolean complete) {
        return new Journal(complete, conditions, classes.names(), parts);
    }
}
