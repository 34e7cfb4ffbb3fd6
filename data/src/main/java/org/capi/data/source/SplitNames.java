package org.capi.data.source;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.capi.data.files.FileNames;
import org.jspecify.annotations.Nullable;

/** What splits are called, in every kind of collection. */
public final class SplitNames {

    /** The split of what no name says anything of. */
    public static final String DEFAULT = "train";

    private static final Map<String, String> WORDS = Map.of(
            "train", "train",
            "training", "train",
            "val", "val",
            "valid", "val",
            "validation", "val",
            "dev", "val",
            "test", "test",
            "testing", "test");

    private static final int NAMED = 5;

    private SplitNames() {}

    /** The split that a word means, in capitals or not; null for other words. */
    public static @Nullable String of(String word) {
        return WORDS.get(word.toLowerCase(Locale.ROOT));
    }

    /** The name under which a split that somebody named is kept: validation is val. */
    public static String canonical(String split) {
        String known = of(split);
        return known != null ? known : split.replace('.', '_');
    }

    /** Folders named like splits lie beside other folders with images: which of the two was meant cannot be seen. */
    public static IllegalArgumentException mixed(Path from, Collection<String> splits, Collection<String> others) {
        String first = String.join(
                ", ", others.stream().limit(NAMED).map(FileNames::shown).toList());
        return new IllegalArgumentException(from + " has folders of splits (" + String.join(", ", splits)
                + ") beside other folders with images (" + first + (others.size() > NAMED ? ", ..." : "")
                + "): --split train takes every folder as a class of one split; else give the folder of one split");
    }

    /** Whether a name would do for a folder and in {@code DIR:SPLIT}. */
    public static boolean isName(String split) {
        return split.matches("[A-Za-z0-9_-]+");
    }

    /** Refuses a name that would not do for a folder or in {@code DIR:SPLIT}. */
    public static void check(String split) {
        if (!isName(split)) {
            throw new IllegalArgumentException(
                    "a split's name is made of letters, digits, '_' and '-', was '" + split + "'");
        }
    }
}
