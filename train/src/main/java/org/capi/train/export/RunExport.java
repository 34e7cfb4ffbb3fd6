package org.capi.train.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.savedmodels.Export;
import org.capi.savedmodels.Export.Extras;
import org.capi.savedmodels.NewPath;
import org.capi.savedmodels.SavedModelWriter.Asset;
import org.capi.savedmodels.weights.WeightExport;
import org.capi.train.checkpoint.Checkpoints;
import org.capi.train.checkpoint.Checkpoints.Checkpoint;
import org.capi.train.config.PretrainConfig;
import org.capi.train.loop.PretrainRun;
import org.capi.train.metrics.MetricsFile;
import org.capi.train.run.RunFolder;
import org.jspecify.annotations.Nullable;

/**
 * A run whose encoder can be written as a SavedModel.
 *
 * @param run the run's folder
 */
public record RunExport(Path run, PretrainConfig config, Checkpoints checkpoints) {

    private static final Logger log = LogManager.getLogger(RunExport.class);
    private static final List<String> CARD_MEASURES = List.of("student_loss", "clustering_loss", "target_entropy");

    /**
     * Additions to the model.
     *
     * @param layers encoder layers whose feature maps become outputs
     * @param license under which its weights may be used, for the model card; null if that is not stated
     */
    public record Wishes(List<Integer> layers, @Nullable String license) {}

    /** Which copy of the weights. */
    public enum Weights {
        /** The EMA of the student. */
        TEACHER("student_ema.backbone."),
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
        return whole(checkpoints
                .newest()
                .orElseThrow(() -> new IllegalArgumentException("the run " + run + " has no complete checkpoint")));
    }

    public Checkpoint at(long step) throws IOException {
        return whole(checkpoints.at(step));
    }

    private static Checkpoint whole(Checkpoint checkpoint) throws IOException {
        var damage = checkpoint.damage();
        if (damage.isPresent()) {
            throw new IllegalArgumentException("the checkpoint " + checkpoint.folder() + " is damaged: " + damage.get()
                    + "; take another with --step");
        }
        return checkpoint;
    }

    public void write(Checkpoint checkpoint, Weights weights, Path to) throws IOException {
        write(checkpoint, weights, new Wishes(List.of(), null), to);
    }

    /** The same with additions. */
    public void write(Checkpoint checkpoint, Weights weights, Wishes wishes, Path to) throws IOException {
        NewPath.refuseExisting(to);
        Map<String, String> origin = origin(checkpoint);
        origin.put("weights", weights.toString());
        if (wishes.license != null) {
            origin.put("license", wishes.license);
        }
        var extras = new Extras(origin, wishes.layers, List.of(Asset.text("config.yaml", config.toYaml())));
        Export.encoder(config.vit(), checkpoint.prefix(), weights.prefix, extras, to);
    }

    /** The model card's facts about the run: its data, and its measures at the checkpoint. */
    private Map<String, String> origin(Checkpoint checkpoint) throws IOException {
        RunFolder folder = RunFolder.open(run);
        Map<String, String> origin = new TreeMap<>();
        origin.put("run", String.valueOf(run.toAbsolutePath().normalize().getFileName()));
        origin.put("step", Long.toString(checkpoint.step()));
        var size = config.data().imageSize();
        origin.put(Export.IMAGE_SIZE, Integer.toString(Math.min(size.height(), size.width())));
        origin.put(
                "data",
                folder.record().data().stream()
                        .map(set -> set.path() + " (" + set.images() + " images)")
                        .collect(Collectors.joining(", ")));
        measures(folder.metricsFile(), checkpoint.step())
                .forEach((name, value) -> origin.put(name, String.format(Locale.ROOT, "%.4f", value)));
        return origin;
    }

    /** None for the checkpoint of step 0. */
    private static Map<String, Double> measures(Path file, long step) throws IOException {
        Map<String, Double> measures = new TreeMap<>();
        if (step > 0 && Files.isReadable(file)) {
            boolean whole = MetricsFile.read(file, line -> {
                if (line.step() == step) {
                    measures.putAll(line.numbers());
                }
                return measures.isEmpty();
            });
            if (!whole) {
                log.warn("{} is damaged, so that the model card has no measurements", file);
            }
            measures.keySet().retainAll(CARD_MEASURES);
        }
        return measures;
    }

    /**
     * Writes the weights alone, as the reference implementation reads them, to a file that does not exist yet.
     *
     * @return what the reference would compute differently
     */
    public List<String> writeWeights(Checkpoint checkpoint, Weights weights, Path to) throws IOException {
        return WeightExport.fromCheckpoint(config.vit(), checkpoint.prefix(), weights.prefix, to);
    }
}
