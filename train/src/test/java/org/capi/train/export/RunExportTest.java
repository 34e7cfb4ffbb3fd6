package org.capi.train.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.savedmodels.VisionEncoder;
import org.capi.train.TinyRun;
import org.capi.train.loop.PretrainRun;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

class RunExportTest {

    @TempDir
    private static Path folder;

    @TempDir
    private Path models;

    @BeforeAll
    static void train() throws IOException {
        Path images = TinyRun.images(folder.resolve("set"));
        PretrainRun.start(folder.resolve("run"), images.toString(), TinyRun.config(4), List.of());
    }

    @Test
    void teacherAndStudentStartAlikeAndDiffer() throws IOException {
        RunExport export = RunExport.open(folder.resolve("run"));
        export.write(export.at(0), RunExport.Weights.TEACHER, models.resolve("teacher-0"));
        export.write(export.at(0), RunExport.Weights.STUDENT, models.resolve("student-0"));
        export.write(export.newest(), RunExport.Weights.TEACHER, models.resolve("teacher"));
        export.write(export.newest(), RunExport.Weights.STUDENT, models.resolve("student"));
        FloatNdArray untrained = featureMap("teacher-0");
        assertThat(untrained.shape()).isEqualTo(Shape.of(2, 3, 2, 32));
        assertThat(featureMap("student-0")).isEqualTo(untrained);
        assertThat(featureMap("teacher")).isNotEqualTo(untrained);
        assertThat(featureMap("student")).isNotEqualTo(featureMap("teacher"));
    }

    @Test
    void theModelSaysWhatItWasTrainedOn() throws IOException {
        RunExport export = RunExport.open(folder.resolve("run"));
        var wishes = new RunExport.Wishes(List.of(1), "CC-BY-4.0");
        export.write(export.newest(), RunExport.Weights.TEACHER, wishes, models.resolve("told"));
        Path extra = models.resolve("told/assets.extra");
        assertThat(extra.resolve("config.yaml")).hasContent(Files.readString(folder.resolve("run/config.yaml")));
        assertThat(Files.readString(extra.resolve("README.md")))
                .contains("| license | CC-BY-4.0 |", "| step | 4 |", " images) |", "| student loss | ")
                .contains("`features_at_layer_1`");
    }

    @Test
    void aStepThatWasNotKeptIsRefused() throws IOException {
        RunExport export = RunExport.open(folder.resolve("run"));
        assertThatThrownBy(() -> export.at(2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no checkpoint of step 2")
                .hasMessageContaining("[0, 3, 4]");
    }

    @Test
    void aFolderThatExistsIsLeftAlone() throws IOException {
        RunExport export = RunExport.open(folder.resolve("run"));
        Files.writeString(models.resolve("mine"), "mine");
        assertThatThrownBy(() -> export.write(export.newest(), RunExport.Weights.TEACHER, models.resolve("mine")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("exists already");
        assertThat(Files.readString(models.resolve("mine"))).isEqualTo("mine");
    }

    @Test
    void aFolderWithoutARunIsRefused() {
        assertThatThrownBy(() -> RunExport.open(models))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not a run folder");
    }

    private FloatNdArray featureMap(String model) {
        try (VisionEncoder encoder = VisionEncoder.load(models.resolve(model));
                TFloat32 images = TFloat32.tensorOf(
                        Shape.of(2, 24, 16, 3),
                        t -> t.scalars()
                                .forEachIndexed((at, pixel) ->
                                        pixel.setFloat((at[0] * 7 + at[1] * 3 + at[2] + at[3]) % 11 / 11f)))) {
            return encoder.encode(images).featureMap();
        }
    }
}
