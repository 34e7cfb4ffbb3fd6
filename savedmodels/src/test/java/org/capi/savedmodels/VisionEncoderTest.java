package org.capi.savedmodels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.capi.graph.vit.FrozenEncoder;
import org.capi.graph.vit.Normalization;
import org.capi.graph.vit.PooledVit;
import org.capi.graph.vit.PositionEmbedding;
import org.capi.graph.vit.Predictor;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.toy.RandomModel;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.types.TFloat32;

class VisionEncoderTest {

    @TempDir
    Path folder;

    @Test
    void theThreeOutputsAreThoseOfTheModel() throws IOException {
        try (var encoder = VisionEncoder.load(toy("toy", "global", "registers", "feature_map"));
                var images = redBesideBlue()) {
            Features features = encoder.encode(images);
            assertThat(features.featureMap().shape()).isEqualTo(Shape.of(1, 1, 2, 3));
            assertThat(features.featureMap().getFloat(0, 0, 0, 0)).isCloseTo(10f, within(1e-5f));
            assertThat(features.featureMap().getFloat(0, 0, 1, 0)).isZero();
            assertThat(features.featureMap().getFloat(0, 0, 1, 2)).isCloseTo(10f, within(1e-5f));
            assertThat(features.global().shape()).isEqualTo(Shape.of(1, 3));
            assertThat(features.global().getFloat(0, 2)).isCloseTo(5f, within(1e-5f));
            assertThat(features.vector(0)).hasSize(3);
            assertThat(features.vector(0)[2]).isCloseTo(5f, within(1e-5f));
            assertThat(features.registers().shape()).isEqualTo(Shape.of(1, 2, 3));
            assertThat(features.registers().getFloat(0, 1, 2)).isEqualTo(3f);
            assertThatThrownBy(() -> features.vector(1))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("Index 1 out of bounds for length 1");
        }
    }

    @Test
    void aClosedEncoderSaysSo() throws IOException {
        var encoder = VisionEncoder.load(toy("toy", "global", "registers", "feature_map"));
        encoder.close();
        encoder.close();
        try (var images = redBesideBlue()) {
            assertThatThrownBy(() -> encoder.encode(images))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the encoder is closed");
        }
    }

    @Test
    void manyThreadsGetTheSameNumbers() throws Exception {
        try (var encoder = VisionEncoder.load(toy("toy", "global", "registers", "feature_map"))) {
            Callable<Float> job = () -> {
                try (var images = redBesideBlue()) {
                    return encoder.encode(images).global().getFloat(0, 0);
                }
            };
            var threads = Executors.newFixedThreadPool(4);
            try {
                for (Future<Float> result :
                        threads.invokeAll(Stream.generate(() -> job).limit(40).toList())) {
                    assertThat(result.get()).isCloseTo(5f, within(1e-5f));
                }
            } finally {
                threads.shutdown();
            }
        }
    }

    @Test
    void theUntrainedModelHasTheArchitectureButNotTheWeights() throws IOException {
        RandomModel.write(RandomModel.SMALL, folder);
        try (var encoder = VisionEncoder.load(folder.resolve("model"));
                var untrained = encoder.untrained().orElseThrow();
                var again = encoder.untrained().orElseThrow();
                var images = redBesideBlue()) {
            Features features = untrained.encode(images);
            Features trained = encoder.encode(images);
            assertThat(features.global().shape()).isEqualTo(trained.global().shape());
            assertThat(features.registers().shape())
                    .isEqualTo(trained.registers().shape());
            assertThat(features.featureMap().shape())
                    .isEqualTo(trained.featureMap().shape());
            assertThat(features.global()).isNotEqualTo(trained.global());
            assertThat(again.encode(images).global()).isEqualTo(features.global());
            assertThat(untrained.patchSize()).hasValue(4);
        }
    }

    @Test
    void aModelThatDoesNotDescribeItsArchitectureHasNoUntrainedOne() throws IOException {
        Path model = toy("toy", "global", "registers", "feature_map");
        try (var encoder = VisionEncoder.load(model)) {
            assertThat(encoder.untrained()).isEmpty();
            assertThat(encoder.architecture()).isEmpty();
        }
        Path description =
                Files.createDirectories(model.resolve("assets.extra")).resolve("model.json");
        for (String part :
                List.of("{}", "{\"model\": 3}", "{\"model\": {\"patch_size\": 4}}", "{\"model\": {\"layers\": 12}}")) {
            Files.writeString(description, part);
            try (var encoder = VisionEncoder.load(model)) {
                assertThat(encoder.untrained()).as(part).isEmpty();
            }
        }
    }

    @Test
    void everyArchitectureIsReadBackFromItsDescription() throws IOException {
        var small = RandomModel.SMALL;
        var birder = new PooledVit.Config(
                4,
                16,
                64,
                2,
                2,
                1,
                7,
                7,
                PooledVit.Config.Pooling.PATCH_MEAN,
                PooledVit.Config.Norms.RMS,
                PooledVit.Config.FeedForwards.SWIGLU,
                true,
                Normalization.IMAGENET);
        var fused = new VitConfig(
                4,
                16,
                2,
                2,
                0,
                Registers.Coordinates.EDGE,
                false,
                16,
                0,
                Predictor.Kind.FUSED,
                new PositionEmbedding.Kind.Learnable(7, 8));
        for (FrozenEncoder.Config config : List.of(small, birder, fused)) {
            var description = new ModelDescription(config, 1, new Export.Serving(28, List.of()), Map.of());
            var json = new ObjectMapper().readTree(description.json().content().toStringUtf8());
            assertThat(ModelDescription.architecture(json)).hasValue(config);
        }
    }

    @Test
    void aFolderThatIsMissingIsNamed() {
        Path missing = folder.resolve("missing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.load(missing))
                .withMessage("no model folder: " + missing);
    }

    @Test
    void aFolderOfSomethingElseIsRefusedWithWhatItHolds() throws IOException {
        Files.writeString(folder.resolve("notes.txt"), "hello");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.load(folder))
                .withMessage("the folder " + folder
                        + " is not a SavedModel of an encoder: it lacks the file saved_model.pb; it has notes.txt");
    }

    @Test
    void aModelWithoutAnOutputIsRefusedWithThoseThatItHas() throws IOException {
        Path model = toy("half", "global", "patches");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.load(model))
                .withMessageContaining("it lacks the outputs registers, feature_map; it has global, patches");
    }

    @Test
    void aDamagedGraphIsRefusedInOneLine() throws IOException {
        Path model = toy("toy", "global", "registers", "feature_map");
        Files.write(model.resolve("saved_model.pb"), new byte[] {1, 2, 3, 4});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.load(model))
                .withMessageStartingWith("cannot read " + model.resolve("saved_model.pb") + " as a SavedModel")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void aGraphThatTensorFlowDoesNotTakeIsRefusedInOneLine() throws IOException {
        Path model = toy("toy", "global", "registers", "feature_map");
        Path file = model.resolve("saved_model.pb");
        var saved = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
        saved.getMetaGraphsBuilder(0)
                .getGraphDefBuilder()
                .addNode(NodeDef.newBuilder()
                        .setName("x")
                        .setOp("VarHandleOp")
                        .putAttr("dtype", AttrValue.newBuilder().setB(true).build()));
        Files.write(file, saved.build().toByteArray());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.load(model))
                .withMessageStartingWith("the SavedModel " + model + " cannot be loaded: ")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(600));
    }

    @Test
    void aModelWithoutItsWeightsIsRefusedInOneLine() throws IOException {
        Path model = toy("toy", "global", "registers", "feature_map");
        Files.delete(model.resolve("variables/variables.index"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.load(model))
                .withMessageContaining(model + " is not a SavedModel")
                .withMessageContaining("it lacks the file variables/variables.index");
    }

    @Test
    void imagesMustHaveThreeChannels() throws IOException {
        try (var encoder = VisionEncoder.load(toy("toy", "global", "registers", "feature_map"));
                var images = TFloat32.tensorOf(Shape.of(1, 4, 4, 1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> encoder.encode(images))
                    .withMessageContaining("[batch, height, width, 3]");
        }
    }

    private Path toy(String name, String... outputs) throws IOException {
        Path model = folder.resolve(name);
        ToyEncoder.write(model, 10, outputs);
        return model;
    }

    private static TFloat32 redBesideBlue() {
        return TFloat32.tensorOf(
                Shape.of(1, 4, 8, 3),
                image -> image.scalars()
                        .forEachIndexed((at, pixel) -> pixel.setFloat(at[3] == (at[2] < 4 ? 0 : 2) ? 1 : 0)));
    }
}
