package org.capi.eval.search;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Rows with a few numbers appended, so that the product of a query and a key is a lower bound of half their squared
 * distance: {@code |q|²/2 + |k|²/2 - q·k} less what rounding can have changed in it.
 *
 * <p>With {@code r} the part of a row that rounding took away, {@code |q·k - q'·k'| <= |r_q|·|k| + |q'|·|r_k|}
 * (Cauchy-Schwarz), which is itself a product of appended numbers.
 */
record Encoding(Precision precision, int dim) {

    /** Half the squared length of either in three parts, and the two terms of the bound. */
    private static final int APPENDED = 8;

    private static final int PARTS = 3;

    /** The bound's own numbers are rounded too. */
    private static final double MARGIN = 1 + 0x1p-6;

    /** How long an encoded row is. */
    int width() {
        return dim + APPENDED;
    }

    /** What one accumulated sum may be off by, relative to the sum of its terms' magnitudes. */
    private double summation() {
        return width() * Precision.FLOAT32.rounding();
    }

    void query(Block block, int row, ByteBuffer into) {
        encode(block, row, 1, into);
    }

    void key(Block block, int row, ByteBuffer into) {
        encode(block, row, -1, into);
    }

    private void encode(Block block, int row, int sign, ByteBuffer into) {
        double squares = 0;
        double rounded = 0;
        double lost = 0;
        for (int d = 0; d < dim; d++) {
            double value = sign * block.at(row, d);
            int bits = precision.bits(value);
            put(into, bits);
            double kept = precision.value(bits);
            squares += value * value;
            rounded += kept * kept;
            lost += (value - kept) * (value - kept);
        }
        boolean query = sign > 0;
        double half = squares / 2 * (1 - 4 * summation());
        double[] parts = parts(half);
        for (int i = 0; i < PARTS; i++) {
            put(into, precision.bits(query ? parts[i] : 1));
        }
        for (int i = 0; i < PARTS; i++) {
            put(into, precision.bits(query ? 1 : parts[i]));
        }
        double length = Math.sqrt(squares) * MARGIN;
        double residual = Math.sqrt(lost) * MARGIN;
        if (query) {
            put(into, precision.bits(-residual));
            put(into, precision.bits(-Math.sqrt(rounded) * MARGIN));
        } else {
            put(into, precision.bits(length));
            put(into, precision.bits(residual));
        }
    }

    /** A number as a sum of rounded ones, each the rounding of what is left. */
    private double[] parts(double value) {
        double[] parts = new double[PARTS];
        double rest = value;
        for (int i = 0; i < PARTS; i++) {
            parts[i] = precision.value(precision.bits(rest));
            rest -= parts[i];
        }
        return parts;
    }

    private void put(ByteBuffer into, int bits) {
        if (precision == Precision.BFLOAT16) {
            into.putShort((short) bits);
        } else {
            into.putInt(bits);
        }
    }

    /** A buffer for so many rows. */
    ByteBuffer buffer(int rows) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(rows, width() * precision.bytes()))
                .order(ByteOrder.nativeOrder());
    }
}
