package org.capi.data.arrow;

/**
 * What a dataset notes of one image.
 *
 * @param label an index into the dataset's classes, or {@link ImageRecord#UNLABELLED}
 * @param bytes of the encoded image
 * @param hasLabelMap whether a class for every pixel lies beside it
 */
public record RowFacts(int label, int width, int height, long bytes, boolean hasLabelMap) {}
