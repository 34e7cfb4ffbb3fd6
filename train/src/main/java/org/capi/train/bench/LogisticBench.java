package org.capi.train.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.capi.data.SeededDraws;
import org.capi.eval.rows.FloatRows;
import org.capi.eval.segment.LinearClassifier;
import org.capi.eval.segment.LogisticRegression;
import org.jspecify.annotations.Nullable;

/**
 * Times logistic regression on drawn features: a centre for each class and normal noise around it, in columns of
 * unequal deviations.
 */
public record LogisticBench(int rows, int dim, int classes, double c, double tolerance, int threads) {

    private static final long SEED = 0;
    private static final float APART = 0.15f;
    private static final int MAX_ITERATIONS = 1000;

    public LogisticBench {
        if (rows < 2 || dim < 1 || classes < 2 || classes > 256) {
            throw new IllegalArgumentException("rows must be at least 2, dim at least 1 and classes in 2 to 256; were "
                    + rows + ", " + dim + " and " + classes);
        }
        if ((long) rows * dim > Integer.MAX_VALUE / Float.BYTES) {
            throw new IllegalArgumentException("rows times dim must be at most " + Integer.MAX_VALUE / Float.BYTES
                    + ", were " + rows + " and " + dim);
        }
        if (!(c > 0) || !(tolerance > 0)) {
            throw new IllegalArgumentException(
                    "c and tolerance must be greater than 0, were " + c + " and " + tolerance);
        }
    }

    /** Draws, writes the rows and labels to a folder if one is given, and measures the preparation and the fit. */
    public LogisticTimes run(@Nullable Path save) throws IOException {
        byte[] labels = labels();
        float[] values = values(labels);
        if (save != null) {
            write(Files.createDirectories(save), values, labels);
        }
        fit(new FloatRows(Arrays.copyOf(values, Math.min(rows, 4096) * dim), dim), labels, 3);
        long started = System.nanoTime();
        LinearClassifier fitted = fit(new FloatRows(values, dim), labels, MAX_ITERATIONS);
        double seconds = (System.nanoTime() - started) / 1e9;
        return new LogisticTimes(
                rows,
                dim,
                classes,
                c,
                tolerance,
                threads,
                seconds,
                fitted.iterations(),
                fitted.evaluations(),
                fitted.objective(),
                fitted.gradient());
    }

    private LinearClassifier fit(FloatRows features, byte[] labels, int maxIterations) {
        byte[] ofRows = Arrays.copyOf(labels, features.size());
        try (var regression = new LogisticRegression(features, ofRows, tolerance, maxIterations, threads)) {
            return regression.fit(c);
        }
    }

    private byte[] labels() {
        byte[] labels = new byte[rows];
        var draws = SeededDraws.of(SEED, rows);
        for (int i = 0; i < rows; i++) {
            labels[i] = (byte) draws.below(classes);
        }
        return labels;
    }

    private float[] values(byte[] labels) {
        float[] values = RandomRows.of(rows, dim, SEED).toArray();
        float[] centres = RandomRows.of(classes, dim, SEED + 1).toArray();
        float[] widths = RandomRows.of(1, dim, SEED + 2).toArray();
        for (int i = 0; i < values.length; i++) {
            int centre = Byte.toUnsignedInt(labels[i / dim]) * dim + i % dim;
            values[i] = (values[i] + APART * centres[centre]) * (float) Math.exp(widths[i % dim] / 2);
        }
        return values;
    }

    private void write(Path folder, float[] values, byte[] labels) throws IOException {
        ByteBuffer floats = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        floats.asFloatBuffer().put(values);
        Files.write(folder.resolve("features.f32"), floats.array());
        Files.write(folder.resolve("labels.u8"), labels);
    }
}
