package org.capi.savedmodels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.VariableFile;
import org.capi.graph.vit.Pixels;
import org.capi.graph.vit.RegisterCoordinates;
import org.capi.graph.vit.VisionTransformer;
import org.capi.graph.vit.VitConfig;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

class ExportTest {

    private static final String PREFIX = "teacher.backbone.";
    private static final VitConfig CONFIG = new VitConfig(4, 16, 2, 2, 4, RegisterCoordinates.EDGE, true, 24, 2);

    @TempDir
    Path folder;

    private Path checkpoint;
    private float[] images;
    private float[] expected;

    /** A checkpoint of an encoder, and what its feature map is before any export. */
    @BeforeEach
    void makeCheckpoint() {
        checkpoint = folder.resolve("weights");
        try (Graph graph = new Graph();
                TString prefix = TString.scalarOf(checkpoint.toString());
                TFloat32 input = TFloat32.tensorOf(Shape.of(2, 8, 12, 3), ExportTest::fill)) {
            Ops tf = Ops.create(graph);
            var params = Parameters.create(tf, TFloat32.class, 7);
            var model = VisionTransformer.create(params, CONFIG);
            var placeholder = tf.placeholder(TFloat32.class);
            var normalized = Pixels.normalize(tf, tf.ensureShape(placeholder, Shape.of(-1, -1, -1, 3)));
            var map = model.features(tf, normalized).featureMap();
            var file = VariableFile.create(
                    tf, params.list().stream().map(Parameter::variable).toList(), PREFIX::concat);
            try (Session session = new Session(graph)) {
                session.runner().addTarget(file.initialize()).run().close();
                session.runner()
                        .feed(file.prefix(), prefix)
                        .addTarget(file.save())
                        .run()
                        .close();
                try (var result =
                        session.runner().feed(placeholder, input).fetch(map).run()) {
                    expected = floats((TFloat32) result.get(0));
                }
            }
            images = floats(input);
        }
    }

    @Test
    void theExportedModelComputesWhatTheTrainedOneDid() throws IOException {
        Path model = export();
        try (var encoder = VisionEncoder.load(model);
                var input = TFloat32.tensorOf(Shape.of(2, 8, 12, 3), ExportTest::fill)) {
            Features features = encoder.encode(input);
            assertThat(floats(input)).isEqualTo(images);
            assertThat(floats(features.featureMap())).containsExactly(expected, within(1e-5f));
            assertThat(features.featureMap().shape()).isEqualTo(Shape.of(2, 2, 3, 16));
            assertThat(features.registers().shape()).isEqualTo(Shape.of(2, 4, 16));
            assertThat(features.global().shape()).isEqualTo(Shape.of(2, 24));
            assertThat(encoder.patchSize()).hasValue(4);
            assertThat(encoder.imageSize()).hasValue(96);
        }
    }

    @Test
    void batchHeightAndWidthMayChange() throws IOException {
        try (var encoder = VisionEncoder.load(export());
                var input = TFloat32.tensorOf(Shape.of(3, 20, 4, 3), ExportTest::fill)) {
            assertThat(encoder.encode(input).featureMap().shape()).isEqualTo(Shape.of(3, 5, 1, 16));
        }
    }

    @Test
    void aSideThatIsNoMultipleOfThePatchIsRefused() throws IOException {
        try (var encoder = VisionEncoder.load(export());
                var input = TFloat32.tensorOf(Shape.of(1, 8, 10, 3), ExportTest::fill)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> encoder.encode(input))
                    .withMessage("the sides of an image must be multiples of the model's patch size 4, one was 10");
        }
    }

    @Test
    void theFileHoldsWhatOtherLoadersNeed() throws IOException {
        var meta = SavedModel.parseFrom(Files.readAllBytes(export().resolve("saved_model.pb")))
                .getMetaGraphs(0);
        assertThat(meta.getMetaInfoDef().getTagsList()).containsExactly("serve");
        assertThat(meta.getMetaInfoDef().getTensorflowVersion()).startsWith("2.");
        assertThat(meta.getCollectionDefMap()).containsOnlyKeys("variables", "trainable_variables");
        var signature = meta.getSignatureDefOrThrow("serving_default");
        assertThat(signature.getMethodName()).isEqualTo("tensorflow/serving/predict");
        assertThat(signature.getOutputsMap()).containsOnlyKeys("global", "registers", "feature_map");
        assertThat(meta.getGraphDef().getNodeList().stream()
                        .filter(n -> n.getOp().equals("Placeholder")))
                .hasSize(1);
    }

    @Test
    void theCardSaysWhereTheWeightsComeFrom() throws IOException {
        Path extra = export().resolve("assets.extra");
        assertThat(Files.readString(extra.resolve("README.md"))).contains("| step | 12 |", "4 x 4 pixels");
        assertThat(Files.readString(extra.resolve("model.json")))
                .contains("\"predictor_dim\" : 24", "\"step\" : \"12\"");
    }

    @Test
    void anExistingFolderIsLeftAlone() throws IOException {
        Path to = Files.createDirectory(folder.resolve("taken"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Export.encoder(CONFIG, checkpoint, PREFIX, Map.of(), to))
                .withMessageContaining(to + " exists already");
    }

    @Test
    void aMissingCheckpointIsNamed() {
        Path nowhere = folder.resolve("nowhere");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Export.encoder(CONFIG, nowhere, PREFIX, Map.of(), folder.resolve("to")))
                .withMessageStartingWith("no checkpoint at " + nowhere);
    }

    @Test
    void aCheckpointOfOtherWeightsLeavesNothingBehind() {
        Path to = folder.resolve("to");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Export.encoder(CONFIG, checkpoint, "student.", Map.of(), to))
                .withMessageContaining("does not hold this model's weights")
                .withMessageContaining("student.");
        assertThat(to).doesNotExist();
        assertThat(folder.resolve("to.partial")).doesNotExist();
    }

    private Path export() throws IOException {
        Path to = folder.resolve("model");
        Export.encoder(CONFIG, checkpoint, PREFIX, Map.of("step", "12", Export.IMAGE_SIZE, "96"), to);
        return to;
    }

    private static void fill(TFloat32 image) {
        image.scalars().forEachIndexed((at, pixel) -> {
            long mixed = at[0] * 31 + at[1] * 17 + at[2] * 7 + at[3] * 3;
            pixel.setFloat(mixed % 23 / 22f);
        });
    }

    private static float[] floats(FloatNdArray array) {
        float[] values = new float[Math.toIntExact(array.size())];
        array.copyTo(DataBuffers.of(values, false, false));
        return values;
    }
}
