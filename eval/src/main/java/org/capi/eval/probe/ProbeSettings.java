package org.capi.eval.probe;

import java.util.List;
import org.capi.eval.features.Representation;

/**
 * How probes are trained.
 *
 * @param representations what they are trained on: linear probes on one vector, attentive ones on several
 * @param imageSize side of the square that the encoder sees, in pixels
 * @param cropScaleMin the least part of an image's area that a training crop shows
 * @param checkpointEvery steps between checkpoints
 * @param threads that decode; they change nothing
 */
public record ProbeSettings(
        List<Representation> representations,
        ProbeGrid grid,
        int steps,
        int warmupSteps,
        int batchSize,
        int imageSize,
        double cropScaleMin,
        long seed,
        int checkpointEvery,
        int threads) {

    /** Steps if it is not said, as the reference makes them. */
    public static final int STEPS = 12_500;

    /** Images of a step if it is not said. */
    public static final int BATCH_SIZE = 128;

    /** The least part of an image that a crop shows if it is not said. */
    public static final double CROP_SCALE_MIN = 0.08;

    /** Steps between checkpoints if it is not said. */
    public static final int CHECKPOINT_EVERY = 500;

    /** What the reference trains on. */
    public static final List<Representation> REPRESENTATIONS =
            List.of(Representation.AVG_PATCH, Representation.GLOBAL, Representation.BOTH, Representation.PATCHES);

    public ProbeSettings {
        representations = List.copyOf(representations);
        if (representations.isEmpty() || representations.stream().distinct().count() != representations.size()) {
            throw new IllegalArgumentException(
                    "representations must name at least one, and each once, was " + representations);
        }
        atLeastOne("steps", steps);
        atLeastOne("batch_size", batchSize);
        atLeastOne("image_size", imageSize);
        atLeastOne("checkpoint_every", checkpointEvery);
        atLeastOne("threads", threads);
        new ProbeSchedule(warmupSteps, steps);
        if (!(cropScaleMin > 0 && cropScaleMin <= 1)) {
            throw new IllegalArgumentException("crop_scale_min must be above 0 and at most 1, was " + cropScaleMin);
        }
    }

    ProbeSchedule schedule() {
        return new ProbeSchedule(warmupSteps, steps);
    }

    /** What decides which numbers come out; not the threads, nor when checkpoints are written. */
    String identity() {
        return representations + " " + grid + " " + steps + " " + warmupSteps + " " + batchSize + " " + imageSize + " "
                + cropScaleMin + " " + seed;
    }

    private static void atLeastOne(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + " must be at least 1, was " + value);
        }
    }
}
