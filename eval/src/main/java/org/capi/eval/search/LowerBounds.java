package org.capi.eval.search;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.capi.eval.search.ExactKnn.Precision;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Lower bounds of half the squared distances of queries and keys as one product in low precision,
 * {@code [queries, width] x [keys, width] -> [queries, keys]}: {@code |q|²/2 + |k|²/2 - q·k} less what rounding can
 * have changed in it, with the terms in numbers appended to each row.
 *
 * <p>With {@code r} the part of a row that rounding took away, {@code |q·k - q'·k'| <= |r_q|·|k| + |q'|·|r_k|}
 * (Cauchy-Schwarz), which is itself a product of appended numbers.
 */
final class LowerBounds implements AutoCloseable {

    private static final RunOptions ON_THIS_THREAD =
            RunOptions.newBuilder().setInterOpThreadPool(-1).build();

    /** Half the squared length of either in so many parts, and the two terms of the bound. */
    private static final int PARTS = 3;

    private static final int APPENDED = 2 * PARTS + 2;

    /** The bound's own numbers are rounded too. */
    private static final double MARGIN = 1 + 0x1p-6;

    private final Precision precision;
    private final Class<? extends TFloating> type;
    private final int dim;
    private final int width;

    /** The error of half a squared length that float32 sums, relative to it. */
    private final double summation;

    private final Graph graph = new Graph();
    private final Operand<? extends TFloating> queries;
    private final Operand<? extends TFloating> keys;
    private final Operand<? extends TFloating> products;
    private final Session session;

    LowerBounds(Precision precision, int dim, int queryCount, int keyCount) {
        this.precision = precision;
        this.dim = dim;
        width = dim + APPENDED;
        summation = 4 * (width * Precision.FLOAT32.rounding);
        Ops tf = Ops.create(graph);
        type = precision == Precision.BFLOAT16 ? TBfloat16.class : TFloat32.class;
        Product<?> matMul = matMul(tf, type, queryCount, keyCount);
        queries = matMul.queries;
        keys = matMul.keys;
        products = matMul.products;
        session = new Session(graph);
    }

    private record Product<T extends TFloating>(Operand<T> queries, Operand<T> keys, Operand<T> products) {}

    private <T extends TFloating> Product<T> matMul(Ops tf, Class<T> type, int queryCount, int keyCount) {
        var q = tf.placeholder(type, Placeholder.shape(Shape.of(queryCount, width)));
        var k = tf.placeholder(type, Placeholder.shape(Shape.of(keyCount, width)));
        return new Product<>(q, k, tf.linalg.matMul(q, k, MatMul.transposeB(true)));
    }

    ByteBuffer buffer(int rows) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(rows, width * precision.bytes))
                .order(ByteOrder.nativeOrder());
    }

    /** The part of a buffer that one encoded row takes. */
    ByteBuffer row(ByteBuffer encoded, int row) {
        int rowBytes = width * precision.bytes;
        return encoded.slice(row * rowBytes, rowBytes).order(encoded.order());
    }

    /** Appends a row: a query with the sign 1, a key with the sign -1. */
    void encode(ExactKnn.Chunk chunk, int row, int sign, ByteBuffer into) {
        double squares = 0;
        double rounded = 0;
        double lost = 0;
        for (int d = 0; d < dim; d++) {
            double value = sign * chunk.at(row, d);
            double kept = put(into, value);
            squares += value * value;
            rounded += kept * kept;
            lost += (value - kept) * (value - kept);
        }
        boolean query = sign > 0;
        double rest = squares / 2 * (1 - summation);
        double[] parts = new double[PARTS]; // each the rounding of what is left
        for (int i = 0; i < PARTS; i++) {
            parts[i] = precision.value(precision.bits(rest));
            rest -= parts[i];
        }
        for (int i = 0; i < 2 * PARTS; i++) {
            put(into, query == (i < PARTS) ? parts[i % PARTS] : 1);
        }
        double residual = Math.sqrt(lost) * MARGIN;
        put(into, query ? -residual : Math.sqrt(squares) * MARGIN);
        put(into, query ? -Math.sqrt(rounded) * MARGIN : residual);
    }

    /** Returns the number as it was rounded. */
    private double put(ByteBuffer into, double value) {
        int bits = precision.bits(value);
        if (precision == Precision.BFLOAT16) {
            into.putShort((short) bits);
        } else {
            into.putInt(bits);
        }
        return precision.value(bits);
    }

    /** Encoded rows as a tensor, which the caller closes. */
    Tensor tensor(ByteBuffer encoded, int rows) {
        return Tensor.of(type, Shape.of(rows, width), DataBuffers.of(encoded.clear()));
    }

    /** Multiplies on the calling thread; the caller closes the result. */
    Result products(Tensor encodedQueries, Tensor encodedKeys) {
        return session.runner()
                .setOptions(ON_THIS_THREAD)
                .feed(queries.asOutput(), encodedQueries)
                .feed(keys.asOutput(), encodedKeys)
                .fetch(products)
                .run();
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }

    Candidates candidates() {
        return new Candidates(precision);
    }

    /**
     * Which of a row of lower bounds are no larger than a distance, several in each {@code long}: non-negative numbers
     * are ordered as their bits are, and one subtraction without a borrow compares all of them.
     */
    static final class Candidates {

        private final Precision precision;
        private final int boundBits;
        private final long ones;
        private final long signs;
        private long limits;

        private Candidates(Precision precision) {
            this.precision = precision;
            boundBits = 8 * precision.bytes;
            ones = precision == Precision.BFLOAT16 ? 0x0001_0001_0001_0001L : 0x0000_0001_0000_0001L;
            signs = ones << (boundBits - 1);
        }

        int boundsPerLong() {
            return Long.SIZE / boundBits;
        }

        /** Sets the limit: half the squared distance. */
        void within(double half) {
            // A bound is a result that was rounded once more, down or up.
            double limit = Math.min(half * (1 + 4 * precision.rounding), Float.MAX_VALUE);
            int bits = precision.bits(limit);
            if (precision.value(bits) < limit) {
                bits++;
            }
            limits = (Math.min(bits, precision.bits(Float.MAX_VALUE)) * ones) | signs;
        }

        /** The sign bit of every bound that is negative or within the limit. */
        long among(long bounds) {
            return ((limits - (bounds & ~signs)) | bounds) & signs;
        }

        /** The index in the long of the lowest bound that is set in {@code hits}. */
        int lowest(long hits) {
            return Long.numberOfTrailingZeros(hits) / boundBits;
        }
    }
}
