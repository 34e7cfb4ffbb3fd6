package org.capi.data.imports;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.capi.data.arrow.DatasetInfo.ShardContents;
import org.capi.data.arrow.DatasetInfo.Skipped;
import org.capi.data.arrow.SplitWriter;
import org.capi.data.source.Source;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.SplitNames;
import org.jspecify.annotations.Nullable;

/**
 * How far an import is: what is on the disk.
 *
 * @param complete whether every split is written, so that only the moves to their places are left
 * @param classes the classes so far, in the order of their labels
 * @param parts the splits that were started, in the order of the source; all but the last are complete
 */
record Journal(boolean complete, Conditions conditions, List<String> classes, List<Part> parts) {

    Journal {
        classes = List.copyOf(classes);
        parts = List.copyOf(parts);
    }

    /**
     * A split, as far as its last complete shard.
     *
     * @param entries how many entries were read
     * @param last the name of the last of them
     * @param skippedBytes the length of the list of skipped images
     */
    record Part(String split, long entries, String last, ShardContents contents, Skipped skipped, long skippedBytes) {

        static Part start(String split) {
            return new Part(split, 0, "", ShardContents.NONE, Skipped.NONE, 0);
        }

        private void check(String expected) {
            SplitNames.check(split);
            if (!split.equals(expected)) {
                throw new IllegalArgumentException("its part " + split + " should be the split " + expected);
            }
            if (entries < 0 || skippedBytes < 0) {
                throw new IllegalArgumentException("the split " + split + " has a negative number");
            }
            for (int i = 0; i < contents.shards().size(); i++) {
                String file = contents.shards().get(i).file();
                if (!file.equals(SplitWriter.shardName(i))) {
                    throw new IllegalArgumentException(
                            "shard " + i + " of the split " + split + " should be " + SplitWriter.shardName(i));
                }
            }
        }
    }

    /**
     * All that the result of an import depends on besides the entries themselves.
     *
     * @param writer the version of the program's way to write shards: another one would cut or encode them differently
     */
    record Conditions(
            int writer,
            String source,
            List<String> splits,
            List<String> classes,
            ImportOptions.OnError onError,
            long maxPixels,
            Set<Integer> ignored,
            long shardBytes) {

        private static final int WRITER = 2;

        Conditions {
            splits = List.copyOf(splits);
            classes = List.copyOf(classes);
            ignored = new TreeSet<>(ignored);
        }

        static Conditions of(Source source, ImportOptions options) {
            return new Conditions(
                    WRITER,
                    source.description(),
                    source.splits().stream().map(SourceSplit::name).toList(),
                    source.classes(),
                    options.onError(),
                    options.maxPixels(),
                    options.ignored(),
                    options.shardBytes());
        }

        /** The first difference from those of an unfinished import, in words, or null where there is none. */
        @Nullable
        String difference(Conditions before) {
            if (writer != before.writer) {
                return "it was started by another version of this program";
            }
            if (!source.equals(before.source)) {
                return "it is of " + before.source + ", this one of " + source;
            }
            if (!splits.equals(before.splits)) {
                return "its splits are " + before.splits + ", this one's " + splits;
            }
            if (onError != before.onError) {
                return "its --on-error is " + option(before.onError) + ", this one's " + option(onError);
            }
            if (maxPixels != before.maxPixels) {
                return "its --max-pixels is " + before.maxPixels + ", this one's " + maxPixels;
            }
            if (!ignored.equals(before.ignored)) {
                return "its --ignore is " + before.ignored + ", this one's " + ignored;
            }
            if (shardBytes != before.shardBytes) {
                return "its shards have " + before.shardBytes + " bytes (--shard-mb), this one's " + shardBytes;
            }
            return classes.equals(before.classes) ? null : "the classes of " + source + " have changed since";
        }

        private static String option(ImportOptions.OnError onError) {
            return onError.name().toLowerCase(Locale.ROOT);
        }
    }

    /** Refuses what this program does not write: its names and lengths would be used for files. */
    void check() {
        int splits = conditions.splits().size();
        if (parts.size() > splits || (complete && parts.size() < splits)) {
            throw new IllegalArgumentException("it has " + parts.size() + " parts for " + splits + " splits");
        }
        for (int i = 0; i < parts.size(); i++) {
            parts.get(i).check(conditions.splits().get(i));
        }
    }

    long images() {
        return parts.stream().mapToLong(part -> part.contents.images()).sum();
    }

    long entries() {
        return parts.stream().mapToLong(Part::entries).sum();
    }

    long skipped() {
        return parts.stream().mapToLong(part -> part.skipped.images()).sum();
    }
}
