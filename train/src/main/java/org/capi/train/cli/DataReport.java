package org.capi.train.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.DatasetSummary;
import org.capi.data.imports.ImportedSplit;
import org.jspecify.annotations.Nullable;

/** What the data commands print, as lines or as JSON. */
record DataReport(Console console, boolean json) {

    /** One split that was looked at; a damaged one may not be readable enough to be counted. */
    record Split(
            String split,
            String folder,
            String source,
            @Nullable DatasetSummary summary,
            int shards,
            DatasetInfo.Skipped skipped,
            List<String> damage) {

        Split {
            damage = List.copyOf(damage);
        }
    }

    /** One split that was written. */
    private record Written(String split, String folder, long images, int classes, DatasetInfo.Skipped skipped) {}

    void written(List<ImportedSplit> splits) {
        List<Written> written = splits.stream()
                .map(split -> new Written(
                        split.name(),
                        split.folder().toString(),
                        split.info().images(),
                        split.info().classes().size(),
                        split.info().skipped()))
                .toList();
        if (json) {
            console.printJson(Map.of("splits", written));
            return;
        }
        for (Written split : written) {
            console.print(split.folder + ": " + Console.count(split.images) + " images, " + split.classes + " classes"
                    + leftOut(split.skipped));
        }
    }

    void inspected(List<Split> splits, boolean verified) {
        if (json) {
            console.printJson(Map.of("splits", splits));
            return;
        }
        for (Split split : splits) {
            DatasetSummary summary = split.summary;
            if (summary == null) {
                console.print(split.folder + ": cannot be read");
            } else {
                inspected(split, summary);
            }
            if (verified) {
                split.damage.forEach(fault -> console.print("  damaged: " + fault));
                console.print("  checksums: " + (split.damage.isEmpty() ? "all as written" : "not as written"));
            }
        }
    }

    private void inspected(Split split, DatasetSummary summary) {
        console.print(split.folder + ": " + Console.count(summary.images()) + " images from " + split.source
                + leftOut(split.skipped));
        console.print("  " + range(summary.minWidth(), summary.maxWidth()) + " x "
                + range(summary.minHeight(), summary.maxHeight()) + " pixels, " + megabytes(summary.bytes())
                + " MB, shards " + split.shards);
        console.print("  " + Console.count(summary.labelled()) + " with labels, "
                + Console.count(summary.labelMaps()) + " with label maps, classes "
                + summary.classes().size());
        for (DatasetSummary.ClassCount entry : summary.classes()) {
            console.print("    " + entry.name() + " " + Console.count(entry.images()));
        }
    }

    private static String leftOut(DatasetInfo.Skipped skipped) {
        if (skipped.images() == 0) {
            return "";
        }
        String reasons = skipped.reasons().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(reason -> Console.count(reason.getValue()) + " " + reason.getKey())
                .collect(Collectors.joining(", "));
        return "; left out " + Console.count(skipped.images()) + ": " + reasons;
    }

    private static String range(int min, int max) {
        return min == max ? Integer.toString(min) : min + ".." + max;
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / 1e6);
    }
}
