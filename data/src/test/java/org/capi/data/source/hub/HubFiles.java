package org.capi.data.source.hub;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.SourceRows;

/** The files under {@code hub} in the test resources, and what is made of them. */
final class HubFiles {

    private HubFiles() {}

    static Path of(String name) throws URISyntaxException {
        URL found = Objects.requireNonNull(HubFiles.class.getResource("/hub/" + name), name);
        return Path.of(found.toURI());
    }

    /** The beginning of a file, under a folder. */
    static Path cut(Path file, Path into, long bytes) throws IOException {
        byte[] all = Files.readAllBytes(file);
        Path cut = into.resolve(file.getFileName());
        return Files.write(cut, Arrays.copyOf(all, Math.toIntExact(bytes < 0 ? all.length + bytes : bytes)));
    }

    static List<String> labels(SourceSplit split) throws IOException {
        List<String> labels = new ArrayList<>();
        for (Entry entry : SourceRows.entries(split, 0)) {
            labels.add(label(entry.label()));
        }
        return labels;
    }

    static String label(Label label) {
        if (label instanceof Label.Named named) {
            return named.name();
        }
        return label instanceof Label.Numbered numbered ? Integer.toString(numbered.number()) : "none";
    }

    /** The rows after so many, for every number of rows skipped. */
    static List<List<String>> afterSkipping(SourceSplit split) throws IOException {
        List<List<String>> rests = new ArrayList<>();
        for (long skipped = 0; skipped <= split.entries() + 1; skipped++) {
            rests.add(SourceRows.entries(split, skipped).stream()
                    .map(SourceRows::row)
                    .toList());
        }
        return rests;
    }

    /** What {@link #afterSkipping} must give. */
    static List<List<String>> tails(SourceSplit split) throws IOException {
        List<String> all =
                SourceRows.entries(split, 0).stream().map(SourceRows::row).toList();
        List<List<String>> tails = new ArrayList<>();
        for (int skipped = 0; skipped <= all.size() + 1; skipped++) {
            tails.add(all.subList(Math.min(skipped, all.size()), all.size()));
        }
        return tails;
    }
}
