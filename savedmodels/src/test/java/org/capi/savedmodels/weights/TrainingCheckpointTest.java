package org.capi.savedmodels.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;

class TrainingCheckpointTest {

    /** Weights of the student in the order of the module; the optimizer groups them usual, norm, rope, patch, bias. */
    private static final List<String> STUDENT = List.of(
            "backbone.module.encoder.blocks.0._checkpoint_wrapped_module.residual1.norm.parametrizations.weight.original",
            "backbone.module.encoder.blocks.0._checkpoint_wrapped_module.residual1.fn.q_proj.parametrizations.weight.original",
            "backbone.module.encoder.blocks.0._checkpoint_wrapped_module.residual1.fn.rope.parametrizations.freqs.original",
            "backbone.module.patch_embed.parametrizations.weight.original",
            "backbone.module.patch_embed.parametrizations.bias.original",
            "backbone.module.parametrizations.registers.original",
            "head.module.last_layer.parametrizations.weight_g.original");

    @TempDir
    Path folder;

    private final Map<String, Object> model = new LinkedHashMap<>();
    private final Map<Object, Object> state = new LinkedHashMap<>();
    private final Map<String, Object> root = new LinkedHashMap<>();
    private final Map<String, float[]> storages = new LinkedHashMap<>();

    TrainingCheckpointTest() {
        for (String part : List.of("student.", "student_ema.", "teacher.")) {
            for (int i = 0; i < STUDENT.size(); i++) {
                if (!part.equals("teacher.") || STUDENT.get(i).startsWith("backbone.")) {
                    model.put(part + STUDENT.get(i), tensor(i + 1, part.length()));
                }
            }
        }
        model.put("teacher.head.module.layer.parametrizations.weight.original", tensor(9, 90));
        model.put("teacher.head.module.layer.parametrizations.bias.original", tensor(8, 80));
        // Groups in the order in which each kind of weight comes first: norm, usual, rope, patch, bias of the patches.
        int[] sizes = {1, 2, 6, 7, 3, 4, 5};
        for (int i = 0; i < sizes.length; i++) {
            state.put((long) i, moments(sizes[i], 100 + i));
        }
        root.put("iteration", 41L);
        root.put("model", model);
        root.put("optimizer", Map.of("state", state, "param_groups", groups(1, 3, 1, 1, 1)));
        root.put(
                "clustering_optimizer",
                Map.of("state", Map.of(0L, moments(9, 200), 1L, moments(8, 201)), "param_groups", groups(2)));
    }

    @Test
    void tensorsHaveTheNamesThatCheckpointsHaveHere() throws IOException {
        try (WeightFile file = open()) {
            var checkpoint = TrainingCheckpoint.of(file);
            assertThat(checkpoint.iteration()).isEqualTo(41);
            assertThat(checkpoint.tensors().shapes())
                    .containsEntry("student.backbone.encoder.blocks.0.residual1.fn.rope.freqs", Shape.of(3))
                    .containsEntry("student_ema.backbone.registers", Shape.of(6))
                    .containsEntry("student.head.last_layer.weight_g", Shape.of(7))
                    .containsEntry("teacher.head.layer.weight", Shape.of(9))
                    .doesNotContainKey("teacher.backbone.registers");
            assertThat(checkpoint.tensors().floats("student_ema.backbone.patch_embed.bias"))
                    .containsOnly("student_ema.".length());
        }
    }

    @Test
    void momentsAreThoseOfTheirWeights() throws IOException {
        try (WeightFile file = open()) {
            var checkpoint = TrainingCheckpoint.of(file);
            assertThat(checkpoint.hasMoments()).isTrue();
            var tensors = checkpoint.tensors();
            assertThat(tensors.floats("adam.m.student.backbone.encoder.blocks.0.residual1.norm.weight"))
                    .containsExactly(100);
            assertThat(tensors.floats("adam.v.student.backbone.registers"))
                    .containsOnly(-102)
                    .hasSize(6);
            assertThat(tensors.floats("adam.m.student.head.last_layer.weight_g"))
                    .containsOnly(103);
            assertThat(tensors.floats("adam.v.student.backbone.patch_embed.bias"))
                    .containsOnly(-106);
            assertThat(tensors.floats("adam.m.teacher.head.layer.bias"))
                    .containsOnly(201)
                    .hasSize(8);
        }
    }

    @Test
    void momentsOfAnotherGroupingAreLeftOut() throws IOException {
        root.put("optimizer", Map.of("state", state, "param_groups", groups(2, 2, 1, 1, 1)));
        try (WeightFile file = open()) {
            var checkpoint = TrainingCheckpoint.of(file);
            assertThat(checkpoint.hasMoments()).isFalse();
            assertThat(checkpoint.tensors().shapes().keySet()).noneMatch(name -> name.startsWith("adam."));
        }
    }

    @Test
    void momentsOfAnotherShapeAreLeftOut() throws IOException {
        state.put(2L, moments(5, 0));
        try (WeightFile file = open()) {
            assertThat(TrainingCheckpoint.of(file).hasMoments()).isFalse();
        }
    }

    @Test
    void publishedWeightsAreNoTrainingCheckpoint() throws IOException {
        root.remove("iteration");
        try (WeightFile file = open()) {
            assertThat(TrainingCheckpoint.isOne(file)).isFalse();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TrainingCheckpoint.of(file))
                    .withMessageContaining("must hold iteration and model");
        }
    }

    private WeightFile open() throws IOException {
        var zip = TestZip.of(root);
        storages.forEach(zip::with);
        return WeightFile.open(zip.write(folder.resolve("model.0000041.rank_000.pth")));
    }

    private TestPickle.Tensor tensor(int size, float value) {
        String key = Integer.toString(storages.size());
        float[] numbers = new float[size];
        Arrays.fill(numbers, value);
        storages.put(key, numbers);
        return TestPickle.Tensor.dense(key, size);
    }

    private Map<String, Object> moments(int size, float value) {
        return Map.of("step", 42.0, "exp_avg", tensor(size, value), "exp_avg_sq", tensor(size, -value));
    }

    /** Groups of so many weights each, numbered from the first to the last. */
    private static List<Object> groups(int... sizes) {
        List<Object> groups = new ArrayList<>();
        long next = 0;
        for (int size : sizes) {
            List<Object> params = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                params.add(next++);
            }
            groups.add(Map.of("lr", 1e-3, "params", params));
        }
        return groups;
    }
}
