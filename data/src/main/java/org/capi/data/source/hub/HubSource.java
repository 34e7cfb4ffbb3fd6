package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.function.IOFunction;
import org.apache.commons.io.function.IOSupplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.files.GitLfs;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.Source;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.Source.Scanned;
import org.capi.data.source.Source.ScannedSplit;
import org.capi.data.source.Source.SourceOptions;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.SplitNames;
import org.jspecify.annotations.Nullable;

/** A collection whose splits are lists of files with many images each. */
final class HubSource {

    private static final Logger log = LogManager.getLogger(HubSource.class);

    private HubSource() {}

    /**
     * One file of a collection, scanned once, so that its faults and its number of entries are known.
     *
     * @param name its path below the collection's root, with slashes
     * @param table its columns; null for an archive, and for a file that cannot be read
     */
    record HubFile(String name, long entries, @Nullable TableFile table, IOSupplier<EntryReader> opener) {}

    /** A file of a collection is damaged, or not of its kind; the message names it. */
    static final class UnreadableFile extends IllegalArgumentException {

        private static final long serialVersionUID = 1;

        UnreadableFile(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Scans files; damaged ones among sound ones become one broken entry or are refused, as the options say. */
    static List<HubFile> scan(CollectionFiles files, SourceOptions options, IOFunction<Path, HubFile> scan)
            throws IOException {
        List<HubFile> scanned = new ArrayList<>();
        UnreadableFile first = null;
        boolean sound = false;
        for (Path file : files.files()) {
            try {
                if (GitLfs.isPointer(file)) {
                    throw new UnreadableFile(file + " is " + GitLfs.PROBLEM, null);
                }
                scanned.add(scan.apply(file));
                sound = true;
            } catch (UnreadableFile e) {
                if (!options.skipFiles()) {
                    throw e;
                }
                first = first == null ? e : first;
                log.warn("skipped a whole file: {}", e.getMessage());
                Entry broken = Entry.broken(files.name(file), "unreadable file: " + e.getMessage());
                scanned.add(new HubFile(files.name(file), 1, null, () -> {
                    Iterator<Entry> entries = List.of(broken).iterator();
                    return () -> entries.hasNext() ? entries.next() : null;
                }));
            }
        }
        if (first != null && !sound) {
            throw first;
        }
        return scanned;
    }

    /**
     * Takes every split that has entries; a collection without any is refused.
     *
     * @param only what to call the only split, or null
     * @param notes what a user should know of
     */
    static Source of(
            String kind, Path from, @Nullable String only, Map<String, List<HubFile>> files, List<String> notes) {
        List<String> classes = classes(files);
        if (only != null && files.size() > 1) {
            throw new IllegalArgumentException("--split takes a collection of one split, " + from + " has "
                    + String.join(", ", files.keySet()) + "; leave it out, or give the folder or file of one of them");
        }
        List<SourceSplit> splits = new ArrayList<>();
        files.forEach((found, ofSplit) -> {
            String name = only == null ? found : only;
            SplitNames.check(name);
            long entries = ofSplit.stream().mapToLong(HubFile::entries).sum();
            if (entries > 0) {
                splits.add(new ScannedSplit(name, entries, () -> new FilesReader(ofSplit.iterator())));
            } else {
                log.warn("the split {} of {} is empty", name, from);
            }
        });
        if (splits.isEmpty()) {
            throw new IllegalArgumentException("no images in " + from);
        }
        return Scanned.of(kind, from, splits, classes, notes);
    }

    /** The class names that all tables share; tables of one split that differ in their columns are refused. */
    private static List<String> classes(Map<String, List<HubFile>> splits) {
        List<TableFile> named = new ArrayList<>();
        for (List<HubFile> files : splits.values()) {
            List<TableFile> tables = files.stream()
                    .flatMap(file -> Stream.ofNullable(file.table))
                    .toList();
            for (TableFile table : tables) {
                TableFile first = tables.get(0);
                if (!first.layout().described().equals(table.layout().described())) {
                    throw new IllegalArgumentException("files of one split differ in their columns: " + first.file()
                            + " has " + first.layout().described() + ", " + table.file() + " has "
                            + table.layout().described());
                }
                if (!table.layout().classes().isEmpty()) {
                    named.add(table);
                }
            }
        }
        List<String> classes =
                named.isEmpty() ? List.of() : named.get(0).layout().classes();
        for (TableFile table : named) {
            if (!classes.equals(table.layout().classes())) {
                throw new IllegalArgumentException(
                        named.get(0).file() + " and " + table.file() + " have different class names");
            }
        }
        return classes;
    }

    /** The label of a class number, where -1 means none. */
    static Label label(long number) throws IOException {
        if (number == -1) {
            return Label.NONE;
        }
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw new IOException("bad label: " + number + " is not a class number");
        }
        return new Label.Numbered((int) number);
    }

    /** Reads files one after another, one open at a time. */
    private static final class FilesReader implements EntryReader {

        private final Iterator<HubFile> rest;
        private @Nullable EntryReader current;
        private long left; // entries of the current file

        FilesReader(Iterator<HubFile> files) {
            this.rest = files;
        }

        @Override
        public @Nullable Entry next() throws IOException {
            skip(0);
            while (current != null) {
                Entry entry = current.next();
                if (entry != null) {
                    left--;
                    return entry;
                }
                left = 0;
                skip(0);
            }
            return null;
        }

        @Override
        public void skip(long entries) throws IOException {
            long ahead = entries;
            while (ahead >= left) {
                ahead -= left;
                left = 0;
                close();
                if (!rest.hasNext()) {
                    return;
                }
                HubFile file = rest.next();
                left = file.entries;
                if (ahead < left) {
                    current = file.opener.get(); // others are skipped without opening them
                }
            }
            if (ahead > 0 && current != null) {
                current.skip(ahead);
                left -= ahead;
            }
        }

        @Override
        public void close() throws IOException {
            if (current != null) {
                current.close();
                current = null;
            }
        }
    }
}
