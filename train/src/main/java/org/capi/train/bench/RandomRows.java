package org.capi.train.bench;

import java.util.stream.IntStream;
import org.capi.data.SeededDraws;
import org.capi.eval.rows.FloatRows;

/** Features drawn from a normal distribution, the same for the same seed. */
final class RandomRows {

    /** Values, or rows of them, that are drawn at once. */
    static final int PIECE = 4096;

    private RandomRows() {}

    static FloatRows of(int rows, int dim, long seed) {
        float[] values = new float[Math.multiplyExact(rows, dim)];
        fill(values, values.length, 0, seed);
        return new FloatRows(values, dim);
    }

    /** A part of them: rows of any length from one that is a multiple of 4096 on, side by side. */
    static void fill(float[] values, int count, long firstValue, long seed) {
        IntStream.rangeClosed(0, (count - 1) / PIECE).parallel().forEach(piece -> {
            var draws = SeededDraws.of(seed, firstValue / PIECE + piece);
            for (int i = piece * PIECE; i < Math.min(count, (piece + 1) * PIECE); i++) {
                values[i] = normal(draws);
            }
        });
    }

    /** Box and Muller (1958). */
    private static float normal(SeededDraws draws) {
        double radius = Math.sqrt(-2 * Math.log(1 - draws.uniform(0, 1)));
        return (float) (radius * Math.cos(2 * Math.PI * draws.uniform(0, 1)));
    }
}
