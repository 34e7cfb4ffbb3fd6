package org.capi.data.source.hub;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which split a file belongs to, by its name and the names of its folders. */
final class FileSplits {

    /** The split of files whose names say nothing. */
    static final String DEFAULT = "train";

    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry("train", "train"),
            Map.entry("training", "train"),
            Map.entry("val", "val"),
            Map.entry("valid", "val"),
            Map.entry("validation", "val"),
            Map.entry("dev", "val"),
            Map.entry("test", "test"),
            Map.entry("testing", "test"));

    // As in train-00000-of-00002.parquet.
    private static final Pattern NUMBERED = Pattern.compile("([A-Za-z0-9_.]+)-\\d+-of-\\d+(-[0-9a-z]+)?\\.\\w+");

    private FileSplits() {}

    /** The name under which a split that somebody named is kept: validation is val. */
    static String canonical(String split) {
        String word = WORDS.get(split.toLowerCase(Locale.ROOT));
        return word != null ? word : split.replace('.', '_');
    }

    /** The split that a file's own name or its nearest folder speaks of, or null; {@code path} has slashes. */
    static @Nullable String of(String path) {
        List<String> parts = Arrays.asList(path.split("/", -1));
        for (int i = parts.size() - 1; i >= 0; i--) {
            for (String word : parts.get(i).split("[^A-Za-z0-9]+", -1)) {
                String split = WORDS.get(word.toLowerCase(Locale.ROOT).replaceFirst("\\d+$", ""));
                if (split != null) {
                    return split;
                }
            }
        }
        return null;
    }

    /** What stands before the numbers in {@code extra-00000-of-00002.parquet}, or null for a name of another form. */
    static @Nullable String prefix(String path) {
        Matcher numbered = NUMBERED.matcher(path.substring(path.lastIndexOf('/') + 1));
        return numbered.matches() ? canonical(numbered.group(1)) : null;
    }
}
