package org.capi.savedmodels.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.capi.golden.GoldenAssertions.assertGolden;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.capi.golden.Golden;
import org.capi.golden.NpyArray;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.VisionEncoder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/** Checkpoints that PyTorch itself wrote: good, odd, damaged and hostile ones. */
class GoldenCheckpointTest {

    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};

    /** What must be said of a kind of damage, by words of the manifest. */
    private static final Map<String, String> KINDS = Map.of(
            "CRC", "is damaged: the checksum differs",
            "plain text", "neither a checkpoint of PyTorch",
            "pre-1.6", "before version 1.6",
            "first", "damaged or truncated zip file");

    @TempDir
    Path folder;

    private final Golden golden = Golden.fixture("checkpoint");

    @BeforeAll
    static void requireFixture() {
        Assumptions.assumeTrue(Golden.hasFixture("checkpoint"), "these golden numbers have no fixture checkpoint");
    }

    @ParameterizedTest
    @MethodSource("goodFiles")
    void theModelComputesWhatTheReferenceDoes(String name) throws IOException {
        Path model = folder.resolve("model");
        WeightImport.run(file(name), model, WeightImport.Wanted.ANY);
        List<String> outputs = golden.names("expected_").stream()
                .filter(output -> isOf(name, "expected_" + output))
                .toList();
        assertThat(outputs).as("what the reference computes with " + name).isNotEmpty();
        try (VisionEncoder encoder = VisionEncoder.load(model);
                TFloat32 images = images()) {
            var features = encoder.encode(images);
            for (String output : outputs) {
                FloatNdArray ours = switch (output.substring(output.indexOf('/') + 1)) {
                    case "global_repr" -> features.global();
                    case "registers" -> features.registers();
                    case "feature_map" -> features.featureMap();
                    default -> throw new AssertionError("no such output of an encoder: " + output);
                };
                assertGolden(golden, "expected_" + output, floats(ours));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("goodFiles")
    void everyTensorIsThatOfTheReference(String name) throws IOException {
        List<String> names = golden.names("weights/");
        assertThat(names).isNotEmpty();
        try (WeightFile file = WeightFile.open(file(name))) {
            assertThat(file.shapes()).isNotEmpty();
            for (String tensor : names) {
                if (file.shapes().containsKey(tensor) || tensor.startsWith(prefix())) {
                    NpyArray wanted = golden.array("weights/" + tensor);
                    assertThat(file.shapes()).containsEntry(tensor, Shape.of(wanted.shape()));
                    // The other files hold these numbers in narrower types.
                    if (isOf(name, "expected_fp32/global_repr")) {
                        assertThat(file.floats(tensor)).as(tensor).isEqualTo(wanted.floats());
                    }
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
        assertThat(imported.model()).isEqualTo(architecture());
        assertThat(imported.ignored())
                .containsExactlyElementsOf(golden.names("weights/").stream()
                        .filter(tensor -> !tensor.startsWith(prefix()))
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void aBadFileIsRefusedWithTheReasonAndLeavesNothing(String name) throws IOException {
        Path marker = Path.of("/tmp/pwned");
        boolean markedBefore = Files.exists(marker);
        List<WeightImport.Wanted> wanted = List.of(WeightImport.Wanted.ANY, WeightImport.Wanted.of(architecture()));
        for (WeightImport.Wanted architecture : wanted) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> WeightImport.run(file(name), folder.resolve("model"), architecture))
                    .withMessageContaining(name)
                    .satisfies(e -> {
                        // Without the wanted sizes, a mark of another shape is taken for another architecture.
                        if (architecture.architecture() != null || !marks(reason(name))) {
                            assertThat(e).hasMessageContaining(reason(name));
                        }
                    });
            try (Stream<Path> left = Files.list(folder)) {
                assertThat(left).isEmpty();
            }
        }
        assertThat(Files.exists(marker)).isEqualTo(markedBefore);
    }

    static List<String> goodFiles() {
        return filesOfRole("checkpoint");
    }

    static List<String> badFiles() {
        return filesOfRole("hostile");
    }

    private static List<String> filesOfRole(String role) {
        Golden golden = Golden.fixture("checkpoint");
        return golden.names("").stream()
                .filter(name -> golden.text(name, "role").equals(role))
                .toList();
    }

    /** Whether the manifest gives an output for a file, whose name is a word of its meaning. */
    private boolean isOf(String file, String output) {
        return Pattern.compile("(^|[ ,;])" + Pattern.quote(file) + "($|[ ,;])")
                .matcher(golden.text(output, "meaning"))
                .find();
    }

    /** What must be said of a bad file, by the manifest's account of what is wrong with it. */
    private String reason(String name) throws IOException {
        String meaning = golden.text(name, "meaning");
        Matcher global = Pattern.compile("GLOBAL '?(\\w+) (\\w+)").matcher(meaning);
        Matcher record = Pattern.compile("record (data/\\d+) has half").matcher(meaning);
        if (global.find()) {
            return "asks for " + global.group(1) + "." + global.group(2);
        }
        if (record.find()) {
            return "record " + record.group(1) + " has";
        }
        if (meaning.contains("absent")) {
            return "it lacks " + oddTensor(name);
        }
        if (meaning.contains("wrong shape")) {
            String tensor = oddTensor(name);
            NpyArray wanted = golden.array("weights/" + tensor);
            return tensor + " has the shape " + shape(name, tensor) + ", wanted is " + Shape.of(wanted.shape());
        }
        return KINDS.entrySet().stream()
                .filter(kind -> meaning.contains(kind.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(name);
    }

    /** The weight that a file lacks, or has in another shape than the others. */
    private String oddTensor(String name) throws IOException {
        try (WeightFile file = WeightFile.open(file(name))) {
            return golden.names("weights/").stream()
                    .filter(tensor -> tensor.startsWith(prefix()))
                    .filter(tensor -> !Shape.of(
                                    golden.array("weights/" + tensor).shape())
                            .equals(file.shapes().get(tensor)))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private Shape shape(String name, String tensor) throws IOException {
        try (WeightFile file = WeightFile.open(file(name))) {
            return Objects.requireNonNull(file.shapes().get(tensor));
        }
    }

    private boolean marks(String reason) {
        return Backbone.MARKS.stream().anyMatch(mark -> reason.startsWith(prefix() + mark + " has the shape"));
    }

    private String prefix() {
        return golden.hyper().get("keep_prefix").asText();
    }

    private VitConfig architecture() {
        var hyper = golden.hyper();
        return new VitConfig(
                hyper.get("patch").asInt(),
                hyper.get("embed").asInt(),
                hyper.get("enc").asInt(),
                hyper.get("heads").asInt(),
                hyper.get("regs").asInt(),
                Registers.Coordinates.EDGE,
                true,
                hyper.get("embed").asInt(),
                hyper.get("dec").asInt());
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
