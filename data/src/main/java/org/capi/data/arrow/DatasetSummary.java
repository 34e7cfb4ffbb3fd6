package org.capi.data.arrow;

import java.util.List;

/**
 * What one split holds, counted over its rows.
 *
 * @param bytes the encoded images, all together
 */
public record DatasetSummary(
        long images,
        long labelled,
        long labelMaps,
        List<ClassCount> classes,
        int minWidth,
        int maxWidth,
        int minHeight,
        int maxHeight,
        long bytes) {

    public DatasetSummary {
        classes = List.copyOf(classes);
    }

    /** How many images a class has. */
    public record ClassCount(String name, long images) {}
}
