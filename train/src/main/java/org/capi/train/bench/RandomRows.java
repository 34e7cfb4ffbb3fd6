package org.capi.train.bench;

import java.util.stream.IntStream;
import org.capi.data.SeededDraws;
import org.capi.eval.rows.FloatRows;

/** Features drawn from a normal distribution, the same for the same seed. */
final class RandomRows {

    private static final int PIECE = 4096;

    private RandomRows() {}

    static FloatRows of(int rows, int dim, long seed) {
        float[] values = new float[Math.multiplyExact(rows, dim)];
        IntStream.rangeClosed(0, (values.length - 1) / PIECE).parallel().forEach(piece -> {
            var draws = SeededDraws.of(seed, piece);
            for (int i = piece * PIECE; i < Math.min(values.length, (piece + 1) * PIECE); i++) {
                values[i] = normal(draws);
            }
        });
        return new FloatRows(values, dim);
    }

    /** Box and Muller (1958). */
    private static float normal(SeededDraws draws) {
        double radius = Math.sqrt(-2 * Math.log(1 - draws.uniform(0, 1)));
        return (float) (radius * Math.cos(2 * Math.PI * draws.uniform(0, 1)));
    }
}
