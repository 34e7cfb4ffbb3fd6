package org.capi.data.imports;

import java.util.List;
import org.capi.data.arrow.DatasetInfo.Skipped;
import org.capi.data.arrow.ShardContents;
import org.capi.data.arrow.SplitWriter;
import org.capi.data.source.SplitNames;

/**
 * How far an import is: what is safely on the disk.
 *
 * @param complete whether every split is written, so that only the moves to their places are left
 * @param classes the classes met so far, in the order of their labels
 * @param parts the splits that were begun, in the order of the source; all but the last are read to their end
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
     * @param skippedBytes the length of the list of what was left out
     */
    record Part(String split, long entries, String last, ShardContents contents, Skipped skipped, long skippedBytes) {

        static Part begin(String split) {
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

    /** Refuses what this program does not write: its names and lengths would be used for files. */
    void check() {
        int known = conditions.splits().size();
        if (parts.size() > known || (complete && parts.size() < known)) {
            throw new IllegalArgumentException("it has " + parts.size() + " parts for " + known + " splits");
        }
        for (int i = 0; i < parts.size(); i++) {
            parts.get(i).check(conditions.splits().get(i));
        }
    }

    /** How many images lie in complete shards. */
    long images() {
        return parts.stream().mapToLong(part -> part.contents.images()).sum();
    }

    /** How many entries were read. */
    long entries() {
        return parts.stream().mapToLong(Part::entries).sum();
    }

    /** How many of them were left out. */
    long skipped() {
        return parts.stream().mapToLong(part -> part.skipped.images()).sum();
    }
}
