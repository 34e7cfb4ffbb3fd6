package org.capi.eval.segment;

import org.capi.eval.features.FeatureFile;
import org.capi.eval.rows.FeatureRows;

/** The rows of a mapped file. */
record FileRows(FeatureFile file) implements FeatureRows {

    @Override
    public int size() {
        return file.size();
    }

    @Override
    public int dim() {
        return file.dim();
    }

    @Override
    public void read(int from, int count, float[] into, int at) {
        file.read(from, count, into, at);
    }
}
