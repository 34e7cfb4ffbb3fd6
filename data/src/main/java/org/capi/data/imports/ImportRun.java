package org.capi.data.imports;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.capi.data.OrderedExecutor;
import org.capi.data.Progress;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.DatasetInfo.ListInfo;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.arrow.SplitWriter;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.LabelMap;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.FileContent;
import org.capi.data.source.Source;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.Source.SourceSplit;
import org.jspecify.annotations.Nullable;

/** Writes the splits of one import one after the other, keeps its journal, and moves all of them to their places. */
final class ImportRun {

    private static final int AHEAD_OF_EACH_THREAD = 4;

    private final Source source;
    private final ImportOptions options;
    private final PartialFolder partial;
    private final Journal.Conditions conditions;
    private final ClassRegistry classes;
    private final List<Journal.Part> parts;
    private final SkipList.Limit limit;
    private final EntryCheck check;
    private final Progress progress;
    private final long total;
    private long done;

    ImportRun(
            Source source,
            ImportOptions options,
            Journal before,
            PartialFolder partial,
            ImageKernels kernels,
            Progress progress) {
        this.source = source;
        this.options = options;
        this.partial = partial;
        this.conditions = before.conditions();
        this.classes = new ClassRegistry(before.classes());
        this.classes.addAll(source.classes());
        this.parts = new ArrayList<>(before.parts());
        this.check = new EntryCheck(kernels, options, source.classes().size());
        this.progress = progress;
        this.total = source.splits().stream().mapToLong(SourceSplit::entries).sum();
        this.limit = new SkipList.Limit(options, total, before.skipped());
        this.done = before.entries();
    }

    void run() throws IOException {
        if (done > 0) {
            progress.from(done, total);
        }
        List<SourceSplit> splits = source.splits();
        int complete = Math.max(0, parts.size() - 1);
        for (int i = complete; i < splits.size(); i++) {
            if (i == parts.size()) {
                parts.add(Journal.Part.start(splits.get(i).name()));
            }
            try (var run = new SplitRun(i);
                    EntryReader reader = splits.get(i).open()) {
                run.read(reader);
            }
        }
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

    /** Writes one split, from the end of its part of the journal. */
    private final class SplitRun implements AutoCloseable {

        private final int index;
        private final String split;
        private final SplitWriter writer;
        private final SkipList skips;
        private long entries;
        private String last;

        SplitRun(int index) throws IOException {
            Journal.Part before = parts.get(index);
            this.index = index;
            this.split = before.split();
            Path folder = Files.createDirectories(partial.split(split));
            this.writer = new SplitWriter(folder, options.shardBytes(), before.contents());
            this.skips = new SkipList(folder, before.skipped(), before.skippedBytes(), limit);
            this.entries = before.entries();
            this.last = before.last();
        }

        void read(EntryReader reader) throws IOException {
            skipWritten(reader);
            try (var checks = new OrderedExecutor<EntryCheck.Checked>(options.threads(), "import")) {
                for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                    Entry next = entry;
                    if (checks.pending() >= AHEAD_OF_EACH_THREAD * options.threads()) {
                        takeOldest(checks);
                    }
                    checks.submit(() -> check.check(next));
                }
                while (checks.pending() > 0) {
                    takeOldest(checks);
                }
            }
            writer.endShard();
            record();
            if (parts.get(index).contents().images() == 0) {
                throw new IOException("the split " + split + " has no readable image; left out: "
                        + parts.get(index).skipped().reasons());
            }
            partial.write(journal(false));
        }

        @Override
        public void close() throws IOException {
            try (skips) {
                writer.close();
            }
        }

        /** Goes to where the import stopped, and makes sure that the entries before are the same. */
        private void skipWritten(EntryReader reader) throws IOException {
            if (entries == 0) {
                return;
            }
            reader.skip(entries - 1);
            Entry before = reader.next();
            String name = before == null ? "nothing" : before.name();
            if (!name.equals(last)) {
                throw new IllegalArgumentException("the collection has changed since its import was started: entry "
                        + entries + " of the split " + split + " was " + last + " and is " + name
                        + "; delete the folder import.partial to start again");
            }
        }

        private void takeOldest(OrderedExecutor<EntryCheck.Checked> checks) throws IOException {
            EntryCheck.Checked checked;
            try {
                checked = checks.take();
            } catch (ExecutionException e) {
                throw new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while reading images", e);
            }
            entries++;
            last = checked.name();
            if (add(checked)) {
                record();
                partial.write(journal(false));
            }
            progress.at(++done, total);
        }

        private boolean add(EntryCheck.Checked checked) throws IOException {
            ImageRecord image = checked.image();
            if (image == null) {
                skips.add(last, checked.problem());
                return false;
            }
            if (image.labelMap() != null) {
                classes.requireMapValues();
            }
            int label;
            try {
                label = classes.label(checked.label());
            } catch (IOException e) {
                skips.add(last, String.valueOf(e.getMessage()));
                return false;
            }
            return writer.add(image.withLabel(label));
        }

        private void record() throws IOException {
            parts.set(
                    index,
                    new Journal.Part(split, entries, last, writer.contents(), skips.skipped(), skips.forcedBytes()));
        }
    }

    /**
     * Reads entries and makes sure that they can be decoded, on any thread.
     *
     * @param mapClasses how many classes the values of label maps have, where images have no label of their own; 0 for
     * any
     */
    record EntryCheck(ImageKernels kernels, ImportOptions options, int mapClasses) {

        /** An image that can be decoded, still without its label, or a problem. */
        record Checked(String name, Label label, @Nullable ImageRecord image, String problem) {}

        Checked check(Entry entry) {
            String problem;
            try {
                return new Checked(entry.name(), entry.label(), read(entry), "");
            } catch (IOException e) {
                problem = String.valueOf(e.getMessage());
            } catch (RuntimeException e) {
                // A decoder that fails in a way of its own must not end an import of millions.
                problem = "cannot be decoded: " + e;
            } catch (OutOfMemoryError | StackOverflowError e) {
                problem = "cannot be decoded: it needs more memory than there is (java -Xmx)";
            }
            return new Checked(entry.name(), entry.label(), null, problem.split("\n", 2)[0]);
        }

        private ImageRecord read(Entry entry) throws IOException {
            ByteBuffer image = entry.image().read();
            String tooLarge = FileContent.problem(image.remaining());
            if (!tooLarge.isEmpty()) {
                throw new IOException(tooLarge);
            }
            ImageHeader header = kernels.check(image, options.maxPixels());
            Entry.Content map = entry.labelMap();
            // A label map lies over the image as it is stored, so such an image is never turned.
            ImageHeader seen = map == null ? header : header.asStored();
            int classes = entry.label() instanceof Label.None ? mapClasses : 0;
            ByteBuffer labelMap = map == null
                    ? null
                    : LabelMap.grey(map.read(), seen.height(), seen.width(), options.ignored(), classes);
            return new ImageRecord(entry.name(), image, ImageRecord.UNLABELLED, labelMap, seen.width(), seen.height());
        }
    }
}
