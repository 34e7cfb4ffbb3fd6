package org.capi.data.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.apache.commons.io.function.IOSupplier;
import org.jspecify.annotations.Nullable;

/** A collection of images somewhere else, which can be read any number of times, each time in the same order. */
public interface Source {

    /** The kind of the collection and its absolute path, such as {@code imagefolder /data/flowers}. */
    String description();

    /** The splits, in the order in which they are imported; never empty. */
    List<SourceSplit> splits();

    /** The class names that are known before an image is read, in the order of their labels; empty when none are. */
    List<String> classes();

    /** What a user should know of what was skipped or is missing, a line for each. */
    default List<String> notes() {
        return List.of();
    }

    /** One split of a collection: train, val, test or another. */
    interface SourceSplit {

        String name();

        /** How many entries {@link #open} will give, unreadable ones included. */
        long entries();

        /** Starts to read at the first entry; several readers may be open at once. */
        EntryReader open() throws IOException;
    }

    /** Reads the entries of a split one by one, from one thread, holding no more than a few of them. */
    interface EntryReader extends AutoCloseable {

        /** The next entry, or null at the end. */
        @Nullable
        Entry next() throws IOException;

        /** Skips entries, without reading their contents where that can be avoided. */
        default void skip(long entries) throws IOException {
            for (long i = 0; i < entries; i++) {
                if (next() == null) {
                    return;
                }
            }
        }

        @Override
        default void close() throws IOException {}
    }

    /**
     * How a collection is opened.
     *
     * @param split what to call the only split, or null to go by the names
     * @param labels whether the labels of images are read
     * @param skipFiles whether a file of many images that cannot be read counts as one broken entry, instead of being
     *     refused
     */
    record SourceOptions(@Nullable String split, boolean labels, boolean skipFiles) {

        /** Reads labels, and refuses a damaged file. */
        public static SourceOptions of(@Nullable String split) {
            return new SourceOptions(split, true, false);
        }
    }

    /** A collection that was scanned when it was opened. */
    record Scanned(String description, List<SourceSplit> splits, List<String> classes, List<String> notes)
            implements Source {

        public Scanned {
            splits = List.copyOf(splits);
            classes = List.copyOf(classes);
            notes = List.copyOf(notes);
        }

        public static Scanned of(
                String kind, Path from, List<SourceSplit> splits, Collection<String> classes, List<String> notes) {
            return new Scanned(kind + " " + from.toAbsolutePath().normalize(), splits, List.copyOf(classes), notes);
        }
    }

    /** A split that was counted when its collection was scanned. */
    record ScannedSplit(String name, long entries, IOSupplier<EntryReader> opener) implements SourceSplit {

        @Override
        public EntryReader open() throws IOException {
            return opener.get();
        }
    }
}
