package org.capi.savedmodels.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;

class WeightRoundTripTest {

    private static final VitConfig CONFIG = new VitConfig(4, 16, 3, 2, 4, Registers.Coordinates.EDGE, true, 24, 2);
    private static final String NORM = "backbone.encoder.blocks.1.residual2.norm.weight";

    @TempDir
    Path folder;

    private final MapTensors weights = MapTensors.random(Backbone.of(CONFIG), 5);

    @ParameterizedTest
    @ValueSource(strings = {"weights.pth", "weights.safetensors"})
    void aFileThatPassesThroughAModelIsTheSameToTheByte(String name) throws IOException {
        Path first = write(weights, folder.resolve(name));
        Path model = folder.resolve("model");
        WeightImport.run(first, model, WeightImport.Wanted.ANY);
        Path second = folder.resolve("again-" + name);
        WeightExport.fromModel(model, second);
        assertThat(second).hasSameBinaryContentAs(first);
    }

    @Test
    void bothFormatsHoldTheSameNumbersToTheBit() throws IOException {
        try (WeightFile torch = WeightFile.open(write(weights, folder.resolve("a.pt")));
                WeightFile safe = WeightFile.open(write(weights, folder.resolve("a.safetensors")))) {
            assertThat(torch.shapes()).isEqualTo(safe.shapes()).isEqualTo(weights.shapes());
            for (String name : weights.shapes().keySet()) {
                assertThat(torch.floats(name)).isEqualTo(weights.floats(name));
                assertThat(safe.floats(name)).isEqualTo(weights.floats(name));
            }
        }
    }

    @Test
    void aModelWithoutRegistersKeepsTheirEmptyTensor() throws IOException {
        var config = new VitConfig(4, 16, 1, 2, 0, Registers.Coordinates.EDGE, true, 16, 1);
        Path first = write(MapTensors.random(Backbone.of(config), 1), folder.resolve("a.pth"));
        Path model = folder.resolve("model");
        assertThat(WeightImport.run(first, model, WeightImport.Wanted.ANY).model())
                .isEqualTo(config);
        Path second = folder.resolve("b.pth");
        WeightExport.fromModel(model, second);
        assertThat(second).hasSameBinaryContentAs(first);
        try (WeightFile file = WeightFile.open(second)) {
            assertThat(file.shapes()).containsEntry("backbone.registers", Shape.of(1, 0, 16));
        }
    }

    @Test
    void missingAndSurplusWeightsAreNamedWithTheirShapes() {
        refused(
                (shapes, values) -> {
                    shapes.remove(NORM);
                    shapes.put("backbone.cls_token", Shape.of(1, 16));
                },
                "it lacks " + NORM + " [16]; no part of the model is called backbone.cls_token [1, 16]");
        refused(
                (shapes, values) -> shapes.remove("backbone.patch_embed.weight"),
                "it lacks backbone.patch_embed.weight");
        refused((shapes, values) -> shapes.remove("backbone.registers"), "it lacks backbone.registers, which is empty");
        refused(
                (shapes, values) -> shapes.keySet().removeIf(name -> name.contains("encoder.blocks.1.")),
                "its backbone.encoder.blocks are numbered [0, 2]");
    }

    @Test
    void aShapeThatDoesNotFitIsNamedWithTheOneThatWould() {
        refused((shapes, values) -> shapes.put(NORM, Shape.of(4, 4)), NORM + " has the shape [4, 4], wanted is [16]");
    }

    @Test
    void aSizeThatNoModelHasIsNamed() {
        refused(
                (shapes, values) -> {
                    shapes.put("backbone.registers", Shape.of(1, 1L << 40, 0));
                    values.put("backbone.registers", new float[0]);
                },
                "backbone.registers has the shape [1, 1099511627776, 0], whose sizes are above 1048576");
    }

    @Test
    void anotherArchitectureThanTheWantedOneIsRefused() throws IOException {
        Path file = write(weights, folder.resolve("a.pth"));
        var wanted = new VitConfig(4, 16, 2, 2, 4, Registers.Coordinates.EDGE, true, 24, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightImport.run(file, folder.resolve("model"), WeightImport.Wanted.of(wanted)))
                .withMessageContaining("no part of the model is called backbone.encoder.blocks.2.")
                .withMessageContaining("and 5 more");
    }

    @Test
    void weightsThatAreNoNumbersAreNamed() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            refused(
                    (shapes, values) -> values.put(NORM, filled(bad)),
                    NORM + " in " + folder.resolve("changed.pth") + " holds " + bad);
        }
    }

    @Test
    void aFileOfSomethingElseIsRefusedWithWhatItHas() throws IOException {
        Map<String, float[]> values = Map.of("fc.weight", new float[] {1});
        Path file = write(new MapTensors(Map.of("fc.weight", Shape.of(1)), values), folder.resolve("a.pth"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightImport.run(file, folder.resolve("model"), WeightImport.Wanted.ANY))
                .withMessageEndingWith("no name begins with backbone.; it has fc.weight");
    }

    @Test
    void whatIsThereStays() throws IOException {
        Path file = write(weights, folder.resolve("a.pth"));
        Path model = folder.resolve("model");
        WeightImport.run(file, model, WeightImport.Wanted.ANY);
        byte[] before = Files.readAllBytes(file);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightImport.run(file, model, WeightImport.Wanted.ANY))
                .withMessageContaining("exists already");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightExport.fromModel(model, file))
                .withMessageContaining("exists already");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void aNameWithoutAFormatIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightExport.fromModel(folder, folder.resolve("weights.bin")))
                .withMessage("a file of weights must end in .pth, .pt or .safetensors, was weights.bin");
    }

    @Test
    void aFolderThatIsNoModelIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightExport.fromModel(folder, folder.resolve("weights.pth")))
                .withMessageContaining("is not a SavedModel with weights");
    }

    private void refused(BiConsumer<Map<String, Shape>, Map<String, float[]>> change, String reason) {
        Map<String, Shape> shapes = new LinkedHashMap<>(weights.shapes());
        Map<String, float[]> values = new LinkedHashMap<>(weights.values());
        change.accept(shapes, values);
        shapes.forEach((name, shape) -> values.putIfAbsent(name, new float[Math.toIntExact(shape.size())]));
        Path file = folder.resolve("changed.pth");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightImport.run(
                        rewrite(new MapTensors(shapes, values), file),
                        folder.resolve("model"),
                        WeightImport.Wanted.ANY))
                .withMessageContaining(reason)
                .withMessageContaining("changed.pth");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path rewrite(NamedTensors tensors, Path to) throws IOException {
        Files.deleteIfExists(to);
        return write(tensors, to);
    }

    private static Path write(NamedTensors tensors, Path to) throws IOException {
        try (FileChannel file = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            WeightExport.write(tensors, to, file);
        }
        return to;
    }

    private static float[] filled(float value) {
        float[] values = new float[16];
        Arrays.fill(values, value);
        return values;
    }
}
