package org.capi.savedmodels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
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
                        + " is no SavedModel of an encoder: it lacks the file saved_model.pb; it has notes.txt");
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
                .withMessageContaining(model + " is no SavedModel")
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
