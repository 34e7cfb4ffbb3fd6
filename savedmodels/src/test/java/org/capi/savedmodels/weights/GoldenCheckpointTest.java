package org.capi.savedmodels.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.capi.golden.GoldenAssertions.assertGolden;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.capi.golden.Golden;
import org.capi.golden.NpyArray;
import org.capi.graph.vit.RegisterCoordinates;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.VisionEncoder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/** Checkpoints that PyTorch itself wrote: good, odd, damaged and hostile ones. */
class GoldenCheckpointTest {

    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};

    @TempDir
    Path folder;

    private final Golden golden = Golden.fixture("checkpoint");

    @BeforeAll
    static void requireFixture() {
        Assumptions.assumeTrue(Golden.hasFixture("checkpoint"), "these golden numbers have no fixture checkpoint");
    }

    @ParameterizedTest
    @CsvSource({
        "fp32.pth, expected_fp32",
        "fp32_torch25_layout.pth, expected_fp32",
        "views_cuda.pth, expected_fp32",
        "bf16.pth, expected_bf16",
        "mixed_dtypes.pth, expected_mixed_dtypes"
    })
    void theModelComputesWhatTheReferenceDoes(String name, String expected) throws IOException {
        Path model = folder.resolve("model");
        WeightImport.run(file(name), model, WeightImport.Wanted.ANY);
        try (VisionEncoder encoder = VisionEncoder.load(model);
                TFloat32 images = images()) {
            var features = encoder.encode(images);
            assertGolden(golden, expected + "/global_repr", floats(features.global()));
            assertGolden(golden, expected + "/registers", floats(features.registers()));
            assertGolden(golden, expected + "/feature_map", floats(features.featureMap()));
        }
    }

    @ParameterizedTest
    @CsvSource({"fp32.pth", "fp32_torch25_layout.pth", "views_cuda.pth"})
    void everyTensorIsThatOfTheReference(String name) throws IOException {
        try (WeightFile file = WeightFile.open(file(name))) {
            List<String> names = golden.names("weights/");
            assertThat(names).isNotEmpty();
            for (String tensor : names) {
                if (file.shapes().containsKey(tensor) || tensor.startsWith("backbone.")) {
                    NpyArray wanted = golden.array("weights/" + tensor);
                    assertThat(file.floats(tensor)).as(tensor).isEqualTo(wanted.floats());
                    assertThat(file.shapes()).containsEntry(tensor, Shape.of(wanted.shape()));
                }
            }
        }
    }

    @Test
    void bfloat16IsWidenedExactly() throws IOException {
        try (WeightFile file = WeightFile.open(file("bf16.pth"))) {
            for (String tensor : golden.names("bf16_as_f32/")) {
                assertThat(file.floats(tensor))
                        .isEqualTo(golden.array("bf16_as_f32/" + tensor).floats());
            }
        }
    }

    @Test
    void theArchitectureIsReadOffTheShapes() throws IOException {
        var imported = WeightImport.run(file("fp32.pth"), folder.resolve("model"), WeightImport.Wanted.ANY);
        var hyper = golden.hyper();
        assertThat(imported.model())
                .isEqualTo(new VitConfig(
                        hyper.get("patch").asInt(),
                        hyper.get("embed").asInt(),
                        hyper.get("enc").asInt(),
                        hyper.get("heads").asInt(),
                        hyper.get("regs").asInt(),
                        RegisterCoordinates.EDGE,
                        true,
                        hyper.get("embed").asInt(),
                        hyper.get("dec").asInt()));
        assertThat(imported.ignored()).containsExactly("head.last_layer.weight_g", "head.last_layer.weight_v");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "malicious_system.pth       | asks for posix.system",
                "malicious_exec_proto4.pth  | asks for builtins.exec",
                "truncated.pth              | damaged or truncated zip file",
                "short_record.pth           | record data/38 has",
                "bad_crc.pth                | is damaged: the checksum differs",
                "missing_key.pth            | it lacks backbone.",
                "wrong_shape.pth            | wanted is",
                "not_a_checkpoint.pth       | neither a checkpoint of PyTorch",
                "legacy_format.pth          | before version 1.6"
            })
    void aBadFileIsRefusedWithTheReasonAndLeavesNothing(String name, String reason) throws IOException {
        Path marker = Path.of("/tmp/pwned");
        boolean markedBefore = Files.exists(marker);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightImport.run(file(name), folder.resolve("model"), WeightImport.Wanted.ANY))
                .withMessageContaining(reason)
                .withMessageContaining(name);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
        assertThat(Files.exists(marker)).isEqualTo(markedBefore);
    }

    private Path file(String name) {
        Path root = Path.of(System.getProperty("capi.root", "."));
        String given = System.getProperty("capi.golden", "");
        Path set = root.resolve(given.isEmpty() ? "../shared/golden/A" : given);
        Path file = set.resolve("checkpoint").resolve(name);
        Assumptions.assumeTrue(Files.exists(file), "these golden numbers have no " + name);
        return file;
    }

    /** The fixture's images before their normalisation, {@code [batch, height, width, 3]}. */
    private TFloat32 images() {
        NpyArray normalised = golden.array("image"); // [batch, 3, height, width]
        float[] from = normalised.floats();
        int plane = normalised.size(2) * normalised.size(3);
        float[] to = new float[from.length];
        for (int i = 0; i < from.length; i++) {
            int channel = i / plane % 3;
            to[(i / plane / 3 * plane + i % plane) * 3 + channel] = from[i] * DEVIATION[channel] + MEAN[channel];
        }
        var shape = Shape.of(normalised.size(0), normalised.size(2), normalised.size(3), 3);
        return TFloat32.tensorOf(shape, DataBuffers.of(to, true, false));
    }

    private static float[] floats(FloatNdArray array) {
        float[] values = new float[Math.toIntExact(array.size())];
        array.copyTo(DataBuffers.of(values, false, false));
        return values;
    }
}
