package org.capi.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.files.DurableFile;
import org.capi.savedmodels.VisionEncoder;
import org.capi.savedmodels.weights.BackboneWeights;
import org.capi.train.TinyRun;
import org.capi.train.export.RunExport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/** Tiny runs of every way to pretrain: the rows of the paper's table of ablations, and others. */
class VariantRunTest {

    static final List<String> ALL = List.of(
            "model.predictor=fused model.predictor_depth=0",
            "model.predictor=self_attention",
            "capi.objective=direct capi.student_head=identity capi.sinkhorn=standard",
            "capi.objective=ibot capi.student_head=mlp",
            "capi.student_head=mlp",
            "capi.targets=frozen capi.teacher=TEACHER",
            "capi.objective=direct capi.sinkhorn=standard capi.targets=frozen capi.teacher=TEACHER",
            "capi.objective=direct capi.sinkhorn=standard capi.targets=pixels",
            "model.positions=learnable model.predictor=self_attention capi.objective=ibot",
            "capi.sinkhorn=standard",
            "data.mask=uniform data.roll=false data.mask_ratio=0.9",
            "model.registers=0",
            "compute.type=bfloat16 compute.recompute=blocks optim.micro_batches=2 model.predictor=fused"
                    + " model.predictor_depth=0 capi.objective=direct capi.sinkhorn=standard capi.student_head=identity");

    private static final Logger log = LogManager.getLogger(VariantRunTest.class);

    @TempDir
    private static Path before;

    @TempDir
    private Path folder;

    @BeforeAll
    static void teach() throws IOException {
        Path images = TinyRun.images(before.resolve("set"));
        PretrainRun.start(before.resolve("run"), images.toString(), TinyRun.config(2, "seed=9"), List.of());
        RunExport export = RunExport.open(before.resolve("run"));
        export.write(export.newest(), RunExport.Weights.TEACHER, before.resolve("model"));
    }

    @Test
    void whatAnObjectiveDoesNotHaveIsNotWritten() throws IOException {
        JsonNode direct = last(start("direct", 2, ALL.get(2)));
        assertThat(direct.has("student_loss")).isTrue();
        for (String name : List.of(
                "clustering_loss",
                "clustering_gradient_norm",
                "clustering_learning_rate",
                "target_entropy",
                "prototype_use",
                "positional_collapse")) {
            assertThat(direct.has(name)).as(name).isFalse();
        }
        JsonNode ibot = last(start("ibot", 2, ALL.get(3)));
        assertThat(ibot.get("target_entropy").asDouble()).isPositive();
        assertThat(ibot.get("prototype_use").asDouble()).isPositive();
        assertThat(ibot.has("clustering_loss")).isFalse();
    }

    @Test
    void aFrozenTeacherIsTheModelThatIsNamedAndStaysSo() throws IOException {
        Path run = start("frozen", 3, ALL.get(5));
        var vit = TinyRun.config(3, override(ALL.get(5))).vit();
        try (BackboneWeights named = BackboneWeights.open(before.resolve("model"))) {
            for (long step : List.of(0L, 3L)) {
                Path checkpoint = RunExport.open(run).at(step).prefix();
                try (BackboneWeights kept = BackboneWeights.ofCheckpoint(checkpoint, "frozen.backbone.", vit);
                        BackboneWeights student = BackboneWeights.ofCheckpoint(checkpoint, "student.backbone.", vit)) {
                    for (String name :
                            List.of("registers", "patch_embed.bias", "encoder.blocks.1.residual2.fn.fc2.weight")) {
                        float[] wanted = named.tensors().floats(name);
                        assertThat(kept.tensors().floats(name)).as(name).isEqualTo(wanted);
                        assertThat(student.tensors().floats(name)).as(name).isNotEqualTo(wanted);
                    }
                }
            }
        }
    }

    @Test
    void aFrozenTeacherOfAnotherWidthOrPatchSizeIsRefusedAndNoRunStarts() {
        assertThatThrownBy(() -> start("wide", 2, ALL.get(5) + " model.dim=48 model.heads=3 model.predictor_dim=48"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("capi.teacher must have an encoder of the sizes in the section model, was ")
                .hasMessageContaining("its registers has the shape [1, 4, 32], wanted is [1, 4, 48]");
        assertThatThrownBy(() -> start("fine", 2, ALL.get(5) + " model.patch_size=4"))
                .hasMessageEndingWith(
                        "its patch_embed.weight has the shape [32, 3, 8, 8], wanted is [32, 3, 4, 4] [dim, 3,"
                                + " patch_size, patch_size]");
        assertThatThrownBy(() -> start("shallow", 2, ALL.get(5) + " model.depth=1"))
                .hasMessageContaining(": it has encoder.blocks.1.");
        assertThatThrownBy(() -> start("nowhere", 2, "capi.targets=frozen capi.teacher=nowhere"))
                .hasMessage("capi.teacher must be a run, a model or a file of weights, was "
                        + Path.of("nowhere").toAbsolutePath() + ", which is not there");
        for (String run : List.of("wide", "fine", "shallow", "nowhere")) {
            assertThat(folder.resolve(run)).doesNotExist();
        }
    }

    @ParameterizedTest
    @FieldSource("ALL")
    @Tag("slow")
    void aResumedRunEqualsOneThatNeverStoppedAndItsModelEncodes(String variant) throws IOException {
        Path straight = start("straight", 8, variant);
        Path stopped = start("stopped", 8, variant);
        DurableFile.deleteTree(stopped.resolve("checkpoints/step-0000006"));
        DurableFile.deleteTree(stopped.resolve("checkpoints/step-0000008"));
        PretrainRun.resume(stopped, null, List.of("data.threads=1"));
        assertThat(Files.readAllBytes(stopped.resolve("checkpoints/step-0000008/model.data-00000-of-00001")))
                .isEqualTo(Files.readAllBytes(straight.resolve("checkpoints/step-0000008/model.data-00000-of-00001")));
        assertThat(metrics(stopped)).isEqualTo(metrics(straight));
        RunExport export = RunExport.open(straight);
        export.write(export.newest(), RunExport.Weights.TEACHER, folder.resolve("model"));
        for (float value : featureMap(folder.resolve("model"))) {
            assertThat(value).isFinite();
        }
    }

    @ParameterizedTest
    @FieldSource("ALL")
    @Tag("slow")
    void twoHundredStepsAreFinite(String variant) throws IOException {
        List<JsonNode> lines = metrics(start("long", 200, variant + " optim.warmup_steps=20 checkpoint.every=200"));
        assertThat(lines).hasSize(200);
        for (JsonNode line : lines) {
            assertThat(line.get("updated").asBoolean()).as(line.toString()).isTrue();
            line.forEach(
                    value -> assertThat(value.isTextual()).as(line.toString()).isFalse());
        }
        log.info(
                "{}: student loss {} at the first of 200 steps, {} at the last; prototype use {}",
                variant,
                lines.get(0).get("student_loss"),
                lines.get(199).get("student_loss"),
                lines.get(199).path("prototype_use"));
    }

    private Path start(String name, int steps, String variant) throws IOException {
        Path run = folder.resolve(name);
        PretrainRun.start(run, before.resolve("set").toString(), TinyRun.config(steps, override(variant)), List.of());
        return run;
    }

    private static String[] override(String variant) {
        return variant.replace("TEACHER", before.resolve("model").toString()).split(" ");
    }

    private static JsonNode last(Path run) throws IOException {
        List<JsonNode> lines = metrics(run);
        return lines.get(lines.size() - 1);
    }

    private static List<JsonNode> metrics(Path run) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            ObjectNode node = (ObjectNode) new ObjectMapper().readTree(line);
            node.remove("time");
            lines.add(node);
        }
        return lines;
    }

    private static float[] featureMap(Path model) {
        try (VisionEncoder encoder = VisionEncoder.load(model);
                TFloat32 images = TFloat32.tensorOf(
                        Shape.of(2, 32, 48, 3),
                        t -> t.scalars()
                                .forEachIndexed((at, pixel) ->
                                        pixel.setFloat((at[0] * 7 + at[1] * 3 + at[2] + at[3]) % 11 / 11f)))) {
            var map = encoder.encode(images).featureMap();
            float[] values = new float[Math.toIntExact(map.size())];
            map.copyTo(NdArrays.wrap(map.shape(), DataBuffers.of(values, false, false)));
            return values;
        }
    }
}
