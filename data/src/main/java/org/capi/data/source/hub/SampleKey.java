package org.capi.data.source.hub;

import java.util.Locale;
import java.util.stream.Stream;
import org.capi.data.files.FileNames;
import org.capi.data.source.ImageNames;
import org.jspecify.annotations.Nullable;

/**
 * What a file's name in a WebDataset archive says: the sample that it belongs to, and what of it the file is.
 *
 * @param key the path up to the first dot of the file's own name
 * @param part what follows that dot, in lower case
 */
record SampleKey(String key, String part) {

    /** Takes a path apart; null for files that belong to no sample: hidden ones, such without a dot, and {@code __notes__}. */
    static @Nullable SampleKey of(String path) {
        int base = path.lastIndexOf('/') + 1;
        int dot = path.indexOf('.', base);
        if (dot <= base || path.startsWith("__", base) || isHidden(path)) {
            return null;
        }
        return new SampleKey(path.substring(0, dot), path.substring(dot + 1).toLowerCase(Locale.ROOT));
    }

    private static boolean isHidden(String path) {
        return Stream.of(FileNames.normal(path).split("/", -1)).anyMatch(ImageNames::isHidden);
    }
}
