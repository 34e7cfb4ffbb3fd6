package org.capi.data.arrow;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;

/** One record batch of a shard; nothing is copied but names. */
record MappedBatch(MappedRecords records) implements AutoCloseable {

    int rows() {
        return records.rows();
    }

    String name(int row) {
        return new String(((VarCharVector) column(Columns.NAME)).get(row), StandardCharsets.UTF_8);
    }

    /** A view of the mapped file, which stays valid as long as somebody holds it. */
    ByteBuffer binary(String column, int row) {
        var vector = (VarBinaryVector) column(column);
        int start = vector.getStartOffset(row);
        return records.view(vector.getDataBuffer(), start, vector.getEndOffset(row) - start);
    }

    boolean isNull(String column, int row) {
        return column(column).isNull(row);
    }

    int number(String column, int row) {
        return ((IntVector) column(column)).get(row);
    }

    /** The label, or {@link ImageRecord#UNLABELLED}. */
    int label(int row) {
        return isNull(Columns.LABEL, row) ? ImageRecord.UNLABELLED : number(Columns.LABEL, row);
    }

    long checksum(int row) {
        return ((BigIntVector) column(Columns.CRC32C)).get(row);
    }

    @Override
    public void close() {
        records.close();
    }

    private FieldVector column(String name) {
        return records.columns().getVector(name);
    }
}
