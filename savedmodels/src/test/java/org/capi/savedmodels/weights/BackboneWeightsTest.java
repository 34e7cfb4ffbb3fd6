package org.capi.savedmodels.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.weights.BackboneWeights.BackboneInFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;

class BackboneWeightsTest {

    private static final VitConfig CONFIG = new VitConfig(4, 8, 2, 2, 4, Registers.Coordinates.EDGE, true, 16, 1);

    @TempDir
    Path folder;

    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final Map<String, float[]> values = new LinkedHashMap<>();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "backbone.                                | -",
                "''                                       | *",
                "model.                                   | model.*",
                "net.encoder.                             | net.encoder.*",
                "module._orig_mod.backbone.               | module._orig_mod.backbone.*",
                "_orig_mod.module.backbone.               | _orig_mod.module.backbone.*",
                "teacher.backbone.                        | teacher.backbone.*",
                "model_state_dict.module.net.backbone.    | model_state_dict.module.net.backbone.*",
                "ema.module.model.backbone._orig_mod.     | ema.module.model.backbone._orig_mod.*",
                "state_dict.model.backbone.module.        | state_dict.model.backbone.module.*"
            })
    void aBackboneIsFoundBelowAnyPrefix(String prefix, String place) throws IOException {
        add(prefix, 1);
        try (WeightFile file = write()) {
            BackboneInFile found = BackboneInFile.find(file);
            assertIs(found, 1);
            assertThat(found.notes())
                    .isEqualTo(place == null ? List.of() : List.of("the backbone's weights are those named " + place));
            assertThat(found.ignored()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "student.backbone., teacher.backbone.",
        "model.backbone., model_ema.backbone.",
        "state_dict.backbone., state_dict_ema.backbone.",
        "teacher.backbone., student_ema.backbone.",
        "backbone., ema.module.backbone."
    })
    void ofTwoBackbonesTheMovingAverageIsTaken(String other, String average) throws IOException {
        add(other, 1);
        add(average, 2);
        try (WeightFile file = write()) {
            BackboneInFile found = BackboneInFile.find(file);
            assertIs(found, 2);
            assertThat(found.notes())
                    .containsExactlyInAnyOrder(
                            "the backbone's weights are those named " + average + "*",
                            "another backbone is left out: " + other + "*");
            assertThat(found.ignored()).hasSize(shapes.size() / 2).allMatch(name -> name.startsWith(other));
        }
    }

    @Test
    void twoBackbonesOfTheSameRankAreRefused() throws IOException {
        add("a.backbone.", 1);
        add("b.backbone.", 2);
        try (WeightFile file = write()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> BackboneInFile.find(file))
                    .withMessageEndingWith(
                            "holds 2 backbones, below a.backbone., b.backbone.; it must hold one, or one that"
                                    + " is a moving average");
        }
    }

    @Test
    void aWeightUnderTwoNamesIsRefused() throws IOException {
        add("backbone.", 1);
        add("module.backbone.", 2);
        try (WeightFile file = write()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> BackboneInFile.find(file))
                    .withMessageEndingWith("holds backbone.mask_token twice");
        }
    }

    @Test
    void aHeadMayBeNextToABackboneWithoutAPrefix() throws IOException {
        add("model.", 1);
        add("model.head.weight", Shape.of(3), 7);
        add("pos", Shape.of(2), 7);
        try (WeightFile file = write()) {
            BackboneInFile found = BackboneInFile.find(file);
            assertIs(found, 1);
            assertThat(found.ignored()).containsExactly("model.head.weight", "pos");
        }
    }

    @Test
    void aDamagedAverageIsNotReplacedByTheStudent() throws IOException {
        add("student.backbone.", 1);
        add("teacher.backbone.", 2);
        shapes.remove("teacher.backbone.mask_token");
        try (WeightFile file = write()) {
            BackboneInFile found = BackboneInFile.find(file);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> found.architecture(CONFIG))
                    .withMessage("it lacks teacher.backbone.mask_token [1, 16]");
        }
    }

    @Test
    void anIterationNextToAModelMakesNoTrainingCheckpoint() throws IOException {
        var nested = Map.of("iteration", 5L, "model", Map.of("w", TestPickle.Tensor.dense("0", 1)));
        Path path = TestZip.of(nested).with("0", 1).write(folder.resolve("a.pth"));
        try (WeightFile file = WeightFile.open(path)) {
            assertThat(TrainingCheckpoint.isOne(file)).isFalse();
        }
    }

    @Test
    void shapesAreThoseOfTheGraphOfAllBlocks() {
        var deep = new VitConfig(4, 8, 3, 2, 4, Registers.Coordinates.EDGE, true, 16, 2);
        Map<String, Shape> declared = Backbone.declared(deep);
        assertThat(Backbone.of(deep).shapes()).isEqualTo(declared);
        assertThat(declared.keySet()).contains("decoder.blocks.1.residual2.fn.fc2.weight");
    }

    private void assertIs(BackboneInFile found, float value) throws IOException {
        assertThat(found.architecture(null)).isEqualTo(CONFIG);
        assertThat(found.tensors().shapes()).isEqualTo(Backbone.of(CONFIG).shapes());
        for (String name : found.tensors().shapes().keySet()) {
            assertThat(found.tensors().floats(name)).as(name).containsOnly(value);
        }
    }

    private void add(String prefix, float value) {
        Backbone.of(CONFIG).shapes().forEach((name, shape) -> add(prefix + name, shape, value));
    }

    private void add(String name, Shape shape, float value) {
        float[] numbers = new float[Math.toIntExact(shape.size())];
        Arrays.fill(numbers, value);
        shapes.put(name, shape);
        values.put(name, numbers);
    }

    private WeightFile write() throws IOException {
        Path path = folder.resolve("weights.pth");
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            TorchFile.write(new MapTensors(shapes, values), file);
        }
        return WeightFile.open(path);
    }
}
