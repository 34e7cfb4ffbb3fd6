package org.capi.train.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.capi.data.Progress;
import org.capi.data.SeededDraws;
import org.capi.data.batch.Batch;
import org.capi.data.batch.BatchSettings;
import org.capi.data.mask.Collate;
import org.capi.train.config.PretrainConfig;
import org.capi.train.loop.Rates;
import org.capi.train.loop.Recipe;
import org.capi.train.loop.StepSession;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/**
 * Times the training step alone, on one batch of noise that is fed again and again.
 *
 * @param warmUp steps before the clock starts; the first compiles
 * @param steps steps that are timed
 * @param profiled whether to trace one more step
 */
public record StepBench(PretrainConfig config, int warmUp, int steps, boolean profiled) {

    /** Checks the counts. */
    public StepBench {
        if (warmUp < 1 || steps < 1) {
            throw new IllegalArgumentException(
                    "warm-up and steps must be at least 1, were " + warmUp + " and " + steps);
        }
    }

    /** Runs and measures. */
    public StepTimes run(Progress progress) {
        var recipe = new Recipe(config);
        var rates = Rates.of(config.optim());
        long started = System.nanoTime();
        try (var session = StepSession.open(recipe.step(), config.compute());
                Batch batch = noise(recipe.batches())) {
            session.initialize();
            double first = 0;
            List<Double> seconds = new ArrayList<>();
            for (int i = 0; i < warmUp + steps; i++) {
                long before = System.nanoTime();
                session.step(batch, rates.at(0));
                long after = System.nanoTime();
                if (i == 0) {
                    first = (after - started) / 1e9;
                }
                if (i >= warmUp) {
                    seconds.add((after - before) / 1e9);
                }
                progress.at(i + 1, warmUp + steps);
            }
            Collections.sort(seconds);
            double median = seconds.get(seconds.size() / 2);
            int images = config.optim().batchSize();
            return new StepTimes(
                    images,
                    first,
                    seconds.get(0),
                    median,
                    seconds.get(seconds.size() - 1),
                    images / median,
                    profiled ? OpTimes.of(session.trace(batch, rates.at(0))) : List.of());
        }
    }

    private static Batch noise(BatchSettings settings) {
        int images = settings.batchSize();
        var draws = SeededDraws.of(settings.seed());
        byte[] pixels = new byte[images * settings.height() * settings.width() * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) draws.bits();
        }
        int patches = settings.rows() * settings.columns();
        int masked = settings.counts().masked();
        int predicted = settings.counts().predicted();
        long[] visibleAt = new long[images * (patches - masked)];
        long[] predictedAt = new long[images * predicted];
        for (int image = 0; image < images; image++) {
            boolean[] mask = settings.mask().draw(settings.rows(), settings.columns(), masked, draws);
            long first = (long) image * patches;
            long[] visible = Collate.visible(mask, first);
            System.arraycopy(visible, 0, visibleAt, image * visible.length, visible.length);
            long[] chosen = Collate.predicted(mask, predicted, first, draws);
            System.arraycopy(chosen, 0, predictedAt, image * predicted, predicted);
        }
        Shape shape = Shape.of(images, settings.height(), settings.width(), 3);
        return new Batch(
                TUint8.tensorOf(shape, DataBuffers.of(pixels)),
                TInt64.vectorOf(visibleAt),
                TInt64.vectorOf(predictedAt),
                0);
    }
}
