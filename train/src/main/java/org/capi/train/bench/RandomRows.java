package org.capi.train.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.capi.data.CounterRandom;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageRecord;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.FeatureFile;
import org.capi.eval.features.Representation.FeatureShape;
import org.capi.eval.rows.FeatureRows.FloatRows;

/** Features drawn from a normal distribution, the same for the same seed, in memory or in a file that is mapped. */
final class RandomRows {

    /** Values, or rows of them, that are drawn at once. */
    static final int CHUNK = 4096;

    private RandomRows() {}

    static FloatRows of(int rows, int dim, long seed) {
        float[] values = new float[Math.multiplyExact(rows, dim)];
        fill(values, values.length, 0, seed);
        return new FloatRows(values, dim);
    }

    /** Opens a file, which is drawn and written if it is missing; one of another size is refused. */
    static FeatureFile mapped(Path file, int rows, int dim, long seed, Progress progress) throws IOException {
        if (Files.notExists(file)) {
            FeatureCache.write(file, Map.of(), List.of(), sink -> {
                float[] values = new float[Math.multiplyExact(CHUNK, dim)];
                for (int from = 0; from < rows; from += CHUNK) {
                    int count = Math.min(CHUNK, rows - from);
                    fill(values, count * dim, (long) from * dim, seed);
                    for (int row = 0; row < count; row++) {
                        float[] one = Arrays.copyOfRange(values, row * dim, (row + 1) * dim);
                        sink.add("", ImageRecord.UNLABELLED, FeatureShape.vector(dim), one);
                    }
                    progress.at(from + count, rows);
                }
            });
        }
        FeatureFile bank = FeatureFile.open(file);
        if (bank.size() != rows || bank.dim() != dim) {
            String has = bank.size() + " rows of " + bank.dim();
            bank.close();
            throw new IllegalArgumentException(
                    "the bank must have " + rows + " rows of " + dim + ", " + file + " has " + has);
        }
        return bank;
    }

    /** Fills an array with the values from a multiple of {@link #CHUNK} on. */
    private static void fill(float[] values, int count, long firstValue, long seed) {
        IntStream.rangeClosed(0, (count - 1) / CHUNK).parallel().forEach(chunk -> {
            var draws = CounterRandom.of(seed, firstValue / CHUNK + chunk);
            for (int i = chunk * CHUNK; i < Math.min(count, (chunk + 1) * CHUNK); i++) {
                double radius = Math.sqrt(-2 * Math.log(1 - draws.uniform(0, 1))); // Box and Muller (1958)
                values[i] = (float) (radius * Math.cos(2 * Math.PI * draws.uniform(0, 1)));
            }
        });
    }
}
