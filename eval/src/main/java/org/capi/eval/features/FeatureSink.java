package org.capi.eval.features;

import java.io.IOException;

/** Takes the features of images, one image after the other. */
@FunctionalInterface
public interface FeatureSink {

    /**
     * Takes an image's features; all images must have the same shape.
     *
     * @param label an index into the classes, or {@link org.capi.data.arrow.ImageRecord#UNLABELLED}
     * @param values {@code [rows, columns, dim]}
     */
    void add(String name, int label, FeatureShape shape, float[] values) throws IOException;
}
