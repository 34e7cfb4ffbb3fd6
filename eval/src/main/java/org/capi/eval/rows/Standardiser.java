package org.capi.eval.rows;

/** Moves and scales features by what was learned of the training set, in place. */
public interface Standardiser {

    /** Changes {@code count} rows of a width that lie side by side from the start of an array. */
    void apply(float[] values, int count, int dim);

    /** The length of a row that was standardised. */
    default int dim(int before) {
        return before;
    }

    /** The rows of a table, each standardised when it is read. */
    default FeatureRows of(FeatureRows rows) {
        return new StandardisedRows(rows, this);
    }
}
