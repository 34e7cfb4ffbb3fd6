package org.capi.eval.probe;

import java.util.List;
import java.util.function.DoublePredicate;
import org.capi.data.Require;
import org.capi.eval.features.Representation;
import org.capi.graph.optim.Schedule;

/**
 * How probes are trained.
 *
 * @param representations what they are trained on: linear probes on one vector, attentive ones on several
 * @param imageSize side of the square that the encoder sees, in pixels
 * @param cropScaleMin the smallest part of an image's area that a training crop shows
 * @param checkpointEvery steps between checkpoints
 * @param threads that decode; they do not change the result
 */
public record ProbeSettings(
        List<Representation> representations,
        Grid grid,
        int steps,
        int warmupSteps,
        int batchSize,
        int imageSize,
        double cropScaleMin,
        long seed,
        int checkpointEvery,
        int threads) {

    public ProbeSettings {
        representations = List.copyOf(representations);
        if (representations.isEmpty() || representations.stream().distinct().count() != representations.size()) {
            throw new IllegalArgumentException(
                    "representations must name at least one, and each once, was " + representations);
        }
        Require.atLeastOne("steps", steps);
        Require.atLeastOne("batch_size", batchSize);
        Require.atLeastOne("image_size", imageSize);
        Require.atLeastOne("checkpoint_every", checkpointEvery);
        Require.atLeastOne("threads", threads);
        if (warmupSteps < 0 || warmupSteps > steps) {
            throw new IllegalArgumentException(
                    "warmup_steps must be between 0 and steps, " + steps + ", was " + warmupSteps);
        }
        if (!(cropScaleMin > 0 && cropScaleMin <= 1)) {
            throw new IllegalArgumentException("crop_scale_min must be above 0 and at most 1, was " + cropScaleMin);
        }
    }

    /**
     * The learning rates and weight decays that are tried, each with each: the rate changes slowest.
     *
     * @param learningRates for a batch of 256
     */
    public record Grid(List<Double> learningRates, List<Double> weightDecays) {

        public static final Grid STANDARD = new Grid(
                List.of(1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2), List.of(5e-4, 1e-3, 5e-2));

        public Grid {
            learningRates = List.copyOf(learningRates);
            weightDecays = List.copyOf(weightDecays);
            check("learning_rates", learningRates, "above 0", rate -> rate > 0);
            check("weight_decays", weightDecays, "at least 0", decay -> decay >= 0);
        }

        public record Point(double learningRate, double weightDecay) {}

        public List<Point> points() {
            return learningRates.stream()
                    .flatMap(rate -> weightDecays.stream().map(decay -> new Point(rate, decay)))
                    .toList();
        }

        private static void check(String key, List<Double> values, String rule, DoublePredicate isAllowed) {
            if (values.isEmpty()) {
                throw new IllegalArgumentException(key + " must name at least one number");
            }
            for (double value : values) {
                if (!Double.isFinite(value) || !isAllowed.test(value)) {
                    throw new IllegalArgumentException(key + " must be " + rule + ", one was " + value);
                }
            }
        }
    }

    /**
     * The factor on the learning rate of every probe: {@code warmupSteps} values on the line from 0 to 1, then half a
     * cosine from 1 to 0 over the others; both ends of either are included, so the first and the last step change
     * nothing.
     */
    static Schedule schedule(int warmupSteps, int steps) {
        int n = steps - warmupSteps;
        return Schedule.of(0, 1, 0, warmupSteps, n == 1 ? 0 : n / (n - 1.0), steps);
    }

    /** What decides the result; not the threads, nor when checkpoints are written. */
    String identity() {
        return representations + " ProbeGrid[learningRates=" + grid.learningRates + ", weightDecays="
                + grid.weightDecays + "] " + steps + " " + warmupSteps + " " + batchSize + " " + imageSize + " "
                + cropScaleMin + " " + seed;
    }
}
