package org.capi.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.capi.train.TinyRun;
import org.capi.train.config.PretrainConfig;
import org.capi.train.export.RunExport;
import org.capi.train.workers.Cluster;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that start with the weights of another, whose seed is not theirs. */
class InitialWeightsTest {

    @TempDir
    private static Path before;

    @TempDir
    private Path folder;

    @BeforeAll
    static void train() throws IOException {
        Path images = TinyRun.images(before.resolve("set"));
        PretrainRun.start(before.resolve("run"), images.toString(), TinyRun.config(4), List.of());
        RunExport export = RunExport.open(before.resolve("run"));
        export.write(export.newest(), RunExport.Weights.TEACHER, before.resolve("model"));
        export.writeWeights(export.newest(), RunExport.Weights.TEACHER, before.resolve("weights.safetensors"));
    }

    @Test
    void aRunGivesItsTeacher() throws IOException {
        assertStartsWithTheTeacher(before.resolve("run"));
    }

    @Test
    void aModelGivesItsWeights() throws IOException {
        assertStartsWithTheTeacher(before.resolve("model"));
    }

    @Test
    void aFileGivesItsWeights() throws IOException {
        assertStartsWithTheTeacher(before.resolve("weights.safetensors"));
    }

    @Test
    void weightsOfAnotherShapeAreNamedWithBothShapesAndNoRunStarts() {
        Path run = folder.resolve("run");
        assertThatThrownBy(() -> start(before.resolve("model"), run, "model.dim=48", "model.heads=3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model do not fit the configuration: ")
                .hasMessageContaining("registers has the shape [1, 4, 32], wanted is [1, 4, 48]");
        assertThatThrownBy(() -> start(before.resolve("run"), run, "model.depth=3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it lacks backbone.encoder.blocks.2.");
        assertThat(run).doesNotExist();
    }

    @Test
    void whatIsNotThereIsNamed() {
        Path nothing = folder.resolve("nothing");
        assertThatThrownBy(() -> start(nothing, folder.resolve("run")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no run, model or file of weights: " + nothing);
        assertThatThrownBy(() -> start(before.resolve("set"), folder.resolve("run")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not a SavedModel with weights");
    }

    private void assertStartsWithTheTeacher(Path from) throws IOException {
        Path run = folder.resolve("run");
        start(from, run);
        RunExport export = RunExport.open(run);
        export.write(export.at(0), RunExport.Weights.STUDENT, folder.resolve("student"));
        export.write(export.at(0), RunExport.Weights.TEACHER, folder.resolve("teacher"));
        export.write(export.newest(), RunExport.Weights.STUDENT, folder.resolve("later"));
        byte[] expected = weights(before.resolve("model"));
        assertThat(weights(folder.resolve("student"))).isEqualTo(expected);
        assertThat(weights(folder.resolve("teacher"))).isEqualTo(expected);
        assertThat(weights(folder.resolve("later"))).isNotEqualTo(expected);
    }

    private static void start(Path from, Path run, String... overrides) throws IOException {
        PretrainConfig config = TinyRun.config(
                2, Stream.concat(Stream.of("seed=77"), Arrays.stream(overrides)).toArray(String[]::new));
        PretrainRun.start(run, before.resolve("set").toString(), config, from, List.of(), Cluster.ALONE);
    }

    private static byte[] weights(Path model) throws IOException {
        return Files.readAllBytes(model.resolve("variables/variables.data-00000-of-00001"));
    }
}
