package org.capi.data.source;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What splits are called. */
public final class SplitNames {

    private static final Map<String, String> FOLDERS =
            Map.of("train", "train", "training", "train", "val", "val", "validation", "val", "test", "test");

    private SplitNames() {}

    /** The split that a folder's name means, or null. */
    public static @Nullable String ofFolder(String name) {
        return FOLDERS.get(name);
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
