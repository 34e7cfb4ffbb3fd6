package org.capi.eval.rows;

/** Rows in memory. */
public final class FloatRows implements FeatureRows {

    private final float[] values;
    private final int dim;

    /** Takes the array as it is, row by row. */
    public FloatRows(float[] values, int dim) {
        if (dim < 1 || values.length % dim != 0) {
            throw new IllegalArgumentException(values.length + " values are no rows of " + dim);
        }
        this.values = values;
        this.dim = dim;
    }

    @Override
    public int size() {
        return values.length / dim;
    }

    @Override
    public int dim() {
        return dim;
    }

    @Override
    public void read(int from, int count, float[] into, int at) {
        System.arraycopy(values, from * dim, into, at, count * dim);
    }
}
