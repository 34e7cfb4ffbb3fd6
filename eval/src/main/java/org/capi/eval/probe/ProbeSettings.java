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
