package org.capi.eval.features;

/**
 * What stands for one image: {@code rows · columns} vectors of length {@code dim}, one row of columns after the other.
 *
 * @param rows of patches; 1 for a vector, or for a sequence that has no rows
 * @param columns of patches; 1 for a vector
 */
public record FeatureShape(int rows, int columns, int dim) {

    /** One vector. */
    public static FeatureShape vector(long dim) {
        return new FeatureShape(1, 1, Math.toIntExact(dim));
    }

    /** How many vectors. */
    public int vectors() {
        return rows * columns;
    }
}
