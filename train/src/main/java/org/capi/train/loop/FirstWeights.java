package org.capi.train.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.capi.savedmodels.weights.BackboneWeights;
import org.capi.train.checkpoint.Checkpoint;
import org.capi.train.config.PretrainConfig;
import org.capi.train.run.RunFolder;

/** Weights that a pretraining begins with, in place of random ones. */
final class FirstWeights {

    private static final String TEACHER = "student_ema.backbone.";

    private FirstWeights() {}

    /**
     * Opens the teacher's backbone of a run's newest checkpoint, the backbone of a SavedModel, or that of a file of weights;
     * one that is not of the configuration's architecture is refused.
     */
    static BackboneWeights open(Path from, PretrainConfig config) throws IOException {
        if (!Files.exists(from)) {
            throw new IllegalArgumentException("no run, model or file of weights: " + from);
        }
        BackboneWeights weights = isRun(from) ? ofRun(from) : BackboneWeights.open(from);
        try {
            weights.check(new Recipe(config).vit());
            return weights;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private static boolean isRun(Path from) {
        return Files.isRegularFile(new RunFolder(from).recordFile());
    }

    private static BackboneWeights ofRun(Path run) throws IOException {
        RunFolder folder = RunFolder.open(run);
        PretrainConfig config = folder.config().resolve();
        Checkpoint newest = PretrainRun.checkpoints(folder, config)
                .newestWhole()
                .orElseThrow(() -> new IllegalArgumentException(
                        "the run " + run + " has no complete checkpoint to take weights of"));
        return BackboneWeights.ofCheckpoint(newest.prefix(), TEACHER, new Recipe(config).vit());
    }
}
