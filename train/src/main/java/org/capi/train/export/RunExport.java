package org.capi.train.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.capi.savedmodels.Export;
import org.capi.savedmodels.weights.WeightExport;
import org.capi.train.checkpoint.Checkpoint;
import org.capi.train.checkpoint.Checkpoints;
import org.capi.train.config.PretrainConfig;
import org.capi.train.loop.PretrainRun;
import org.capi.train.loop.Recipe;
import org.capi.train.run.RunFolder;

/**
 * A run whose encoder can be written as a SavedModel.
 *
 * @param run the run's folder
 */
public record RunExport(Path run, PretrainConfig config, Checkpoints checkpoints) {

    /** Which copy of the weights. */
    public enum Weights {
        /** The moving average. */
        TEACHER("student_ema.backbone."),
        /** The student itself. */
        STUDENT("student.backbone.");

        private final String prefix;

        Weights(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Reads a run's configuration; a folder that holds no run is refused. */
    public static RunExport open(Path run) throws IOException {
        RunFolder folder = RunFolder.open(run);
        PretrainConfig config = folder.config().resolve();
        return new RunExport(run, config, PretrainRun.checkpoints(folder, config));
    }

    /** The newest complete checkpoint; a run without one is refused. */
    public Checkpoint newest() throws IOException {
        return checkpoints
                .newest()
                .orElseThrow(() -> new IllegalArgumentException("the run " + run + " has no complete checkpoint"));
    }

    /** The checkpoint after so many steps. */
    public Checkpoint at(long step) throws IOException {
        return checkpoints.at(step);
    }

    /** Writes the model to a folder that does not exist yet. */
    public void write(Checkpoint checkpoint, Weights weights, Path to) throws IOException {
        if (Files.exists(to)) {
            throw new IllegalArgumentException("the model folder " + to + " exists already; give one that does not");
        }
        Map<String, String> origin = Map.of(
                "run",
                String.valueOf(run.toAbsolutePath().normalize().getFileName()),
                "step",
                Long.toString(checkpoint.step()),
                "weights",
                weights.toString(),
                Export.IMAGE_SIZE,
                Integer.toString(config.data().imageSize().height()));
        Export.encoder(new Recipe(config).vit(), checkpoint.prefix(), weights.prefix, origin, to);
    }

    /** Writes the weights alone, as the reference implementation reads them, to a file that does not exist yet. */
    public void writeWeights(Checkpoint checkpoint, Weights weights, Path to) throws IOException {
        WeightExport.fromCheckpoint(new Recipe(config).vit(), checkpoint.prefix(), weights.prefix, to);
    }
}
