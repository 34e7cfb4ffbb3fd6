package org.capi.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.source.drawn.Drawings;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;

/** A pretraining that takes seconds: a tiny model on a few drawn images that are no squares. */
public final class TinyRun {

    private static final List<String> OVERRIDES = List.of(
            "model.dim=32",
            "model.depth=2",
            "model.heads=2",
            "model.predictor_dim=32",
            "model.predictor_depth=1",
            "model.stochastic_depth=0.3",
            "model.patch_size=8",
            "data.image_size=[32, 48]",
            "capi.prototypes=16",
            "optim.batch_size=6",
            "optim.warmup_steps=2",
            "checkpoint.every=3",
            "checkpoint.max_to_keep=5",
            "checkpoint.keep_every=0",
            "metrics.every=4");

    private TinyRun() {}

    /** Its configuration over so many steps, with more overrides. */
    public static PretrainConfig config(int steps, String... more) {
        return ConfigFile.preset("demo").with(overrides(steps, more)).resolve();
    }

    /** The same for the command line. */
    public static List<String> overrides(int steps, String... more) {
        List<String> overrides = new ArrayList<>(OVERRIDES);
        overrides.add("optim.total_steps=" + steps);
        overrides.addAll(List.of(more));
        return overrides;
    }

    /** Draws its images into a folder, which is returned. */
    public static Path images(Path folder) throws IOException {
        new Drawings(20, 10, 48, 1).generate(folder, (done, total) -> {});
        return folder;
    }

    /** The lines of a run's metrics.jsonl without what depends on the clock. */
    public static List<String> metrics(Path run) throws IOException {
        var json = new ObjectMapper();
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            ObjectNode node = (ObjectNode) json.readTree(line);
            assertThat(node.remove("time")).isNotNull();
            lines.add(node.toString());
        }
        return lines;
    }

    /** The student's loss of each step of a run. */
    public static List<Double> losses(Path run) throws IOException {
        var json = new ObjectMapper();
        List<Double> losses = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            losses.add(json.readTree(line).get("student_loss").asDouble());
        }
        return losses;
    }
}
