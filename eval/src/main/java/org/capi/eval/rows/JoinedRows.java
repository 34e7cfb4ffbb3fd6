package org.capi.eval.rows;

/** Two tables below each other. */
final class JoinedRows implements FeatureRows {

    private final FeatureRows first;
    private final FeatureRows second;

    JoinedRows(FeatureRows first, FeatureRows second) {
        if (first.dim() != second.dim()) {
            throw new IllegalArgumentException(
                    "rows of " + first.dim() + " and of " + second.dim() + " values are no one table");
        }
        this.first = first;
        this.second = second;
    }

    @Override
    public int size() {
        return Math.addExact(first.size(), second.size());
    }

    @Override
    public int dim() {
        return first.dim();
    }

    @Override
    public void read(int from, int count, float[] into, int at) {
        int ofFirst = Math.max(0, Math.min(count, first.size() - from));
        if (ofFirst > 0) {
            first.read(from, ofFirst, into, at);
        }
        if (ofFirst < count) {
            second.read(from + ofFirst - first.size(), count - ofFirst, into, at + ofFirst * dim());
        }
    }
}
