package org.capi.eval.rows;

/** A table of features, {@code [size, dim]}, that is read a few rows at a time; from several threads at once. */
public interface FeatureRows {

    int size();

    int dim();

    /** Copies consecutive rows to {@code into[at]} and after. */
    void read(int from, int count, float[] into, int at);

    /** These rows followed by those of another table of the same width. */
    default FeatureRows and(FeatureRows others) {
        if (dim() != others.dim()) {
            throw new IllegalArgumentException(
                    "rows of " + dim() + " and of " + others.dim() + " values are no one table");
        }
        return new View(Math.addExact(size(), others.size()), dim(), (from, count, into, at) -> {
            int ofFirst = Math.max(0, Math.min(count, size() - from));
            if (ofFirst > 0) {
                read(from, ofFirst, into, at);
            }
            if (ofFirst < count) {
                others.read(from + ofFirst - size(), count - ofFirst, into, at + ofFirst * dim());
            }
        });
    }

    /** The rows of these indices, in the order given. */
    default FeatureRows only(int[] rows) {
        int[] chosen = rows.clone();
        return new View(chosen.length, dim(), (from, count, into, at) -> {
            int done = 0;
            while (done < count) {
                int run = 1;
                while (done + run < count && chosen[from + done + run] == chosen[from + done] + run) {
                    run++;
                }
                read(chosen[from + done], run, into, at + done * dim());
                done += run;
            }
        });
    }

    /** Reads all rows in order, a block of them at a time. */
    default void forEachRow(RowVisitor visitor) {
        int rowsAtOnce = 1024;
        float[] block = new float[rowsAtOnce * dim()];
        for (int from = 0; from < size(); from += rowsAtOnce) {
            int count = Math.min(rowsAtOnce, size() - from);
            read(from, count, block, 0);
            for (int i = 0; i < count; i++) {
                visitor.visit(from + i, block, i * dim());
            }
        }
    }

    /** Takes the values of a row, from {@code values[at]} on. */
    @FunctionalInterface
    interface RowVisitor {
        void visit(int row, float[] values, int at);
    }

    /** A copy of all rows, for small tables. */
    default float[] toArray() {
        float[] values = new float[Math.multiplyExact(size(), dim())];
        read(0, size(), values, 0);
        return values;
    }

    /** Rows computed when they are read. */
    record View(int size, int dim, Reader reader) implements FeatureRows {

        @FunctionalInterface
        public interface Reader {
            void read(int from, int count, float[] into, int at);
        }

        @Override
        public void read(int from, int count, float[] into, int at) {
            reader.read(from, count, into, at);
        }
    }

    /** Rows in memory. */
    final class FloatRows implements FeatureRows {

        private final float[] values;
        private final int dim;

        /** Wraps the array, row by row, without a copy. */
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
}
