package org.capi.train.inspect;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.capi.data.arrow.DatasetInfo;
import org.capi.eval.report.Section;
import org.capi.eval.report.Table;

/**
 * What an import left out of a split, and why.
 *
 * @param folder of the split, where {@code skipped.tsv} names all: a name, a tab and a reason in each line
 */
record LeftOut(Path folder, DatasetInfo.Skipped skipped) {

    private static final int MOST_NAMES = 100;

    /** The reasons and the names; nothing where nothing was left out. */
    List<Section> sections(String heading) throws IOException {
        if (skipped.images() == 0) {
            return List.of();
        }
        List<List<String>> reasons = skipped.reasons().entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(reason -> List.of(reason.getKey(), count(reason.getValue())))
                .toList();
        List<List<String>> names = names();
        String note = names.size() < skipped.images()
                ? "The first " + names.size() + " of " + count(skipped.images())
                        + (Files.exists(folder.resolve(DatasetInfo.SKIPPED_FILE))
                                ? "; all are in " + folder.resolve(DatasetInfo.SKIPPED_FILE) + "."
                                : ".")
                : "";
        return List.of(
                new Table(
                        heading + ": why",
                        count(skipped.images()) + " images could not be imported.",
                        List.of("reason", "images"),
                        reasons),
                new Table(heading + ": which", note, List.of("name", "reason"), names));
    }

    private List<List<String>> names() throws IOException {
        Path file = folder.resolve(DatasetInfo.SKIPPED_FILE);
        if (!Files.isRegularFile(file)) {
            return skipped.examples().stream()
                    .limit(MOST_NAMES)
                    .map(example -> pair(example, ": "))
                    .toList();
        }
        List<List<String>> names = new ArrayList<>();
        // Not Files.newBufferedReader, which refuses names that are no UTF-8.
        try (var lines =
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null && names.size() < MOST_NAMES; line = lines.readLine()) {
                names.add(pair(line, "\t"));
            }
        }
        return names;
    }

    private static List<String> pair(String text, String between) {
        int at = text.indexOf(between);
        return at < 0 ? List.of(text, "") : List.of(text.substring(0, at), text.substring(at + between.length()));
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
