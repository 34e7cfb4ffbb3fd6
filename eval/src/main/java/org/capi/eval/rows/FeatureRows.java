package org.capi.eval.rows;

/** A table of features, {@code [size, dim]}, that is read a few rows at a time; from several threads at once. */
public interface FeatureRows {

    /** How many rows. */
    int size();

    /** The length of a row. */
    int dim();

    /**
     * Copies consecutive rows.
     *
     * @param at where the first of them begins in {@code into}
     */
    void read(int from, int count, float[] into, int at);

    /** These rows and behind them those of another table of the same width. */
    default FeatureRows and(FeatureRows others) {
        return new JoinedRows(this, others);
    }

    /** Those rows alone, in the order given. */
    default FeatureRows only(int[] rows) {
        return new ChosenRows(this, rows);
    }

    /** A copy of all rows, for tables that are small. */
    default float[] toArray() {
        float[] values = new float[Math.multiplyExact(size(), dim())];
        read(0, size(), values, 0);
        return values;
    }
}
