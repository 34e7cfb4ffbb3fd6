package org.capi.data.imports;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.capi.data.source.Source;
import org.capi.data.source.SourceSplit;
import org.jspecify.annotations.Nullable;

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

    /** What differs first from those of an unfinished import, in words, or null when nothing does. */
    @Nullable
    String difference(Conditions begun) {
        if (writer != begun.writer) {
            return "it was begun by another version of this program";
        }
        if (!source.equals(begun.source)) {
            return "it is of " + begun.source + ", this one of " + source;
        }
        if (!splits.equals(begun.splits)) {
            return "its splits are " + begun.splits + ", this one's " + splits;
        }
        if (onError != begun.onError) {
            return "its --on-error is " + option(begun.onError) + ", this one's " + option(onError);
        }
        if (maxPixels != begun.maxPixels) {
            return "its --max-pixels is " + begun.maxPixels + ", this one's " + maxPixels;
        }
        if (!ignored.equals(begun.ignored)) {
            return "its --ignore is " + begun.ignored + ", this one's " + ignored;
        }
        if (shardBytes != begun.shardBytes) {
            return "its shards have " + begun.shardBytes + " bytes (--shard-mb), this one's " + shardBytes;
        }
        return classes.equals(begun.classes) ? null : "the classes of " + source + " have changed since";
    }

    private static String option(ImportOptions.OnError onError) {
        return onError.name().toLowerCase(Locale.ROOT);
    }
}
