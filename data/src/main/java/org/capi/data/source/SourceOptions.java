package org.capi.data.source;

import org.jspecify.annotations.Nullable;

/**
 * How a collection is opened.
 *
 * @param split what to call the only split, or null to go by the names
 * @param labels whether the labels of images are read
 * @param skipFiles whether a file of many images that cannot be read is left out as one broken entry, instead of refused
 */
public record SourceOptions(@Nullable String split, boolean labels, boolean skipFiles) {

    /** Reads labels, and refuses a damaged file. */
    public static SourceOptions of(@Nullable String split) {
        return new SourceOptions(split, true, false);
    }
}
