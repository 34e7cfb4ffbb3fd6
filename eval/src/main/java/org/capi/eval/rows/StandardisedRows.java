package org.capi.eval.rows;

/** The rows of another table, standardised when they are read. */
final class StandardisedRows implements FeatureRows {

    private final FeatureRows rows;
    private final Standardiser standardiser;
    private final int dim;

    StandardisedRows(FeatureRows rows, Standardiser standardiser) {
        this.rows = rows;
        this.standardiser = standardiser;
        this.dim = standardiser.dim(rows.dim());
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public int dim() {
        return dim;
    }

    @Override
    public void read(int from, int count, float[] into, int at) {
        float[] raw = new float[count * rows.dim()];
        rows.read(from, count, raw, 0);
        standardiser.apply(raw, count, rows.dim());
        System.arraycopy(raw, 0, into, at, count * dim);
    }
}
