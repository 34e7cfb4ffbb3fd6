package org.capi.train.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.capi.data.CounterRandom;
import org.capi.eval.rows.FeatureRows.FloatRows;
import org.capi.eval.segment.LogisticRegression;
import org.capi.eval.segment.LogisticRegression.LinearClassifier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Times logistic regression on drawn features: a centre for each class and normal noise around it, in columns of
 * unequal deviations.
 */
public final class LogisticBench {

    private static final long SEED = 0;
    private static final float APART = 0.15f;
    private static final int MAX_ITERATIONS = 1000;

    @Option(names = "--rows", paramLabel = "N", defaultValue = "100000", description = "Number of feature vectors.")
    private int rows;

    @Option(names = "--dim", paramLabel = "N", defaultValue = "384", description = "Length of a feature vector.")
    private int dim;

    @Option(names = "--classes", paramLabel = "N", defaultValue = "12", description = "Number of classes.")
    private int classes;

    @Option(
            names = "--c",
            paramLabel = "C",
            defaultValue = "1",
            description = "Inverse strength of the regularisation (C).")
    private double c;

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            defaultValue = "1e-4",
            description = "Stop when no entry of the gradient is larger than this.")
    private double tolerance;

    @Option(names = "--threads", paramLabel = "N", description = "Number of threads. Default: one for each core.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--save",
            paramLabel = "DIR",
            description = "Also write the data as features.f32 and labels.u8 into this folder, for other programs.")
    private @Nullable Path save;

    /**
     * How long logistic regression took to its tolerance.
     *
     * @param objective {@code Σ log-losses + |W|²/(2C)} at the end
     * @param gradient the largest entry of the gradient of the objective's mean over the rows
     */
    public record LogisticTimes(
            int rows,
            int dim,
            int classes,
            double c,
            double tolerance,
            int threads,
            double seconds,
            int iterations,
            int evaluations,
            double objective,
            double gradient) {

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.2f s (%,d rows of %d, ", seconds, rows, dim)
                    + classes + " classes, C " + c + "; " + iterations + " steps, "
                    + String.format(Locale.ROOT, "objective %.6g, gradient %.2g)", objective, gradient);
        }
    }

    /** Draws, writes the rows and labels to a folder if one is given, and measures the preparation and the fit. */
    public LogisticTimes run() throws IOException {
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
        byte[] labels = new byte[rows];
        var draws = CounterRandom.of(SEED, rows);
        for (int i = 0; i < rows; i++) {
            labels[i] = (byte) draws.below(classes);
        }
        float[] values = values(labels);
        if (save != null) {
            Files.createDirectories(save);
            ByteBuffer floats = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            floats.asFloatBuffer().put(values);
            Files.write(save.resolve("features.f32"), floats.array());
            Files.write(save.resolve("labels.u8"), labels);
        }
        fit(new FloatRows(Arrays.copyOf(values, Math.min(rows, 4096) * dim), dim), labels, 3);
        long started = System.nanoTime();
        LinearClassifier fitted = fit(new FloatRows(values, dim), labels, MAX_ITERATIONS);
        return new LogisticTimes(
                rows,
                dim,
                classes,
                c,
                tolerance,
                threads,
                (System.nanoTime() - started) / 1e9,
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
}
