package org.capi.savedmodels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.VariableFile;
import org.capi.graph.vit.Normalization;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VisionTransformer;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.Export.Extras;
import org.capi.savedmodels.SavedModelWriter.Asset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

class ExportTest {

    private static final String PREFIX = "teacher.backbone.";
    private static final VitConfig CONFIG = new VitConfig(4, 16, 2, 2, 4, Registers.Coordinates.EDGE, true, 24, 2);

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
            var normalized = Normalization.IMAGENET.apply(tf, tf.ensureShape(placeholder, Shape.of(-1, -1, -1, 3)));
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
        assertThat(meta.getSignatureDefOrThrow("serving_bytes").getOutputsMap())
                .containsOnlyKeys("global", "registers", "feature_map");
        assertThat(meta.getGraphDef().getNodeList().stream()
                        .filter(n -> n.getOp().equals("Placeholder"))
                        .map(NodeDef::getName))
                .containsExactlyInAnyOrder("images", "image_bytes");
    }

    @Test
    void noWeightIsInTheGraph() throws IOException {
        var graph = SavedModel.parseFrom(Files.readAllBytes(export().resolve("saved_model.pb")))
                .getMetaGraphs(0)
                .getGraphDef();
        // The smallest matrix of this model has 16 x 16 numbers, the table of frequencies 2 x 8.
        assertThat(graph.getNodeList().stream()
                        .filter(n -> n.getOp().equals("Const"))
                        .filter(n -> n.getAttrOrThrow("dtype").getType() == DataType.DT_FLOAT)
                        .mapToLong(n -> n.getAttrOrThrow("value")
                                .getTensor()
                                .getTensorContent()
                                .size()))
                .allMatch(bytes -> bytes < 4 * 16 * 16);
    }

    @Test
    void layersAreOutputsOfBothSignatures() throws IOException {
        Path model = export(new Extras(Map.of(), List.of(0, -1, 1), List.of()));
        var signatures = SavedModel.parseFrom(Files.readAllBytes(model.resolve("saved_model.pb")))
                .getMetaGraphs(0)
                .getSignatureDefMap();
        assertThat(signatures.values())
                .allSatisfy(signature -> assertThat(signature.getOutputsMap())
                        .containsOnlyKeys(
                                "global",
                                "registers",
                                "feature_map",
                                "features_at_layer_0",
                                "features_at_layer_1",
                                "features_at_layer_2"));
        assertThat(Files.readString(model.resolve("assets.extra/README.md")))
                .contains("- `features_at_layer_1`: likewise, after 1 of the 2 blocks");
    }

    @Test
    void aLayerThatTheEncoderLacksIsRefused() {
        for (int layer : new int[] {3, -4}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> export(new Extras(Map.of(), List.of(1, layer), List.of())))
                    .withMessageStartingWith("layers must be from 0 (the encoder's first tokens) to 2")
                    .withMessageEndingWith("one was " + layer);
        }
        assertThat(folder.resolve("model")).doesNotExist();
    }

    @Test
    void aFileIsEncodedAsThePixelsOfItsCentre() throws IOException {
        byte[] png = png(24, 14); // 14 is 256/224 of 12, to whole pixels: nothing is resized
        Path model = export(Extras.of(Map.of(Export.IMAGE_SIZE, "12")));
        try (var encoder = VisionEncoder.load(model);
                var centre = TFloat32.tensorOf(
                        Shape.of(1, 12, 12, 3),
                        image -> image.scalars()
                                .forEachIndexed((at, pixel) ->
                                        pixel.setFloat(level((int) at[1] + 1, (int) at[2] + 6, (int) at[3]) / 255f)))) {
            var expected = encoder.encode(centre);
            var features = encoder.encodeFiles(List.of(png, png));
            assertThat(features.featureMap().shape()).isEqualTo(Shape.of(2, 3, 3, 16));
            assertThat(floats(features.global().get(1)))
                    .containsExactly(floats(expected.global().get(0)), within(1e-5f));
            assertThat(floats(features.featureMap().get(0)))
                    .containsExactly(floats(expected.featureMap().get(0)), within(1e-5f));
        }
    }

    @Test
    void bytesThatAreNoImageAreRefusedInOneLine() throws IOException {
        try (var encoder = VisionEncoder.load(export())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> encoder.encodeFiles(List.of(png(8, 8), new byte[] {1, 2, 3})))
                    .withMessage("an image file cannot be decoded: image_bytes[1] is not a JPEG, PNG or GIF file");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> encoder.encodeFiles(Arrays.asList(new byte[1], null)))
                    .withMessage("image_bytes[1] must be the bytes of a file, was null");
            byte[] cut = Arrays.copyOf(encoded("jpg", 30, 40), 400);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> encoder.encodeFiles(List.of(png(8, 8), png(8, 8), cut)))
                    .withMessage("an image file cannot be decoded: image_bytes[2] is no sound JPEG, PNG or GIF file");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> encoder.encodeFiles(List.of(fixture("a.webp"))))
                    .withMessage("an image file cannot be decoded: image_bytes[0] is a WebP, which is not decoded; "
                            + "JPEG and PNG files are");
        }
    }

    @Test
    void aFileIsTurnedAsItsExifOrXmpDataSay() throws IOException {
        byte[] turned = fixture("exif6.jpg");
        try (var encoder = VisionEncoder.load(export(Extras.of(Map.of(Export.IMAGE_SIZE, "12"))))) {
            byte[] upright = withoutMetadata(turned);
            byte[] bigEndian = with(upright, "Exif\0\0MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\6\0\0");
            byte[] xmp = with(upright, "http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation=\"6\"/>");
            byte[] exifFirst = with(xmp, "Exif\0\0II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0\1\0\0\0");
            var features = encoder.encodeFiles(List.of(turned, bigEndian, xmp, upright, exifFirst));
            float[] expected = floats(features.global().get(0));
            assertThat(floats(features.global().get(1))).containsExactly(expected, within(1e-5f));
            assertThat(floats(features.global().get(2))).containsExactly(expected, within(1e-5f));
            float[] asStored = floats(features.global().get(3));
            assertThat(floats(features.global().get(4))).containsExactly(asStored, within(1e-5f));
            assertThat(distance(expected, asStored)).isGreaterThan(1e-3);
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(upright));
            var shown = new BufferedImage(
                    /* width= */ image.getHeight(), /* height= */ image.getWidth(), BufferedImage.TYPE_3BYTE_BGR);
            for (int y = 0; y < shown.getHeight(); y++) {
                for (int x = 0; x < shown.getWidth(); x++) {
                    shown.setRGB(x, y, image.getRGB(y, image.getHeight() - 1 - x));
                }
            }
            var file = new ByteArrayOutputStream();
            ImageIO.write(shown, "png", file);
            float[] ofShown = floats(
                    encoder.encodeFiles(List.of(file.toByteArray())).global().get(0));
            assertThat(distance(expected, ofShown)).isLessThan(distance(expected, asStored) / 5);
        }
    }

    @Test
    void coloursOfPrintAndGreyOfSixteenBitsAreEncoded() throws IOException {
        try (var encoder = VisionEncoder.load(export(Extras.of(Map.of(Export.IMAGE_SIZE, "12"))))) {
            var features = encoder.encodeFiles(List.of(fixture("rgb.jpg"), fixture("cmyk.jpg"), fixture("gray16.png")));
            float[] rgb = floats(features.global().get(0));
            assertThat(distance(rgb, floats(features.global().get(1)))).isLessThan(distance(rgb, new float[24]) / 20);
            assertThat(floats(features.global().get(2))).doesNotContain(Float.NaN);
        }
    }

    private static double distance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    private static byte[] fixture(String name) throws IOException {
        try (var in = ExportTest.class.getResourceAsStream("/images/" + name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        }
    }

    /** A JPEG with one more segment of metadata at its start. */
    private static byte[] with(byte[] jpeg, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(jpeg.length + bytes.length + 4)
                .put(jpeg, 0, 2)
                .putShort((short) 0xffe1)
                .putShort((short) (bytes.length + 2))
                .put(bytes)
                .put(jpeg, 2, jpeg.length - 2)
                .array();
    }

    private static byte[] withoutMetadata(byte[] jpeg) {
        var kept = new ByteArrayOutputStream();
        kept.write(jpeg, 0, 2);
        int at = 2;
        while ((jpeg[at + 1] & 0xff) != 0xda) {
            int length = 2 + (ByteBuffer.wrap(jpeg).getShort(at + 2) & 0xffff);
            if ((jpeg[at + 1] & 0xff) != 0xe1) {
                kept.write(jpeg, at, length);
            }
            at += length;
        }
        kept.write(jpeg, at, jpeg.length - at);
        return kept.toByteArray();
    }

    @Test
    void aFileThatClaimsMorePixelsThanAnyMemoryHoldsIsRefusedBeforeItIsDecoded() throws IOException {
        byte[] png = png(8, 8);
        ByteBuffer.wrap(png).putInt(16, 60_000).putInt(20, 50_000);
        byte[] jpeg = encoded("jpg", 8, 8);
        int frame = frameOfJpeg(jpeg);
        ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 50_000).putShort(frame + 7, (short) 60_000);
        byte[] gif = encoded("gif", 8, 8);
        ByteBuffer.wrap(gif)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(6, (short) 60_000)
                .putShort(8, (short) 50_000);
        try (var encoder = VisionEncoder.load(export())) {
            for (byte[] bomb : List.of(png, jpeg, gif)) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> encoder.encodeFiles(List.of(png(8, 8), bomb)))
                        .withMessageContaining("an image may have 178956970 pixels at most")
                        .withMessageContaining("[50000 60000]");
            }
            assertThat(encoder.encodeFiles(List.of(encoded("jpg", 9, 8), encoded("gif", 8, 9)))
                            .global()
                            .shape())
                    .isEqualTo(Shape.of(2, 24));
        }
    }

    /** Where the marker of the frame begins, which its length, a byte, the height and the width follow. */
    private static int frameOfJpeg(byte[] jpeg) {
        int at = 2;
        while ((jpeg[at + 1] & 0xff) != 0xc0) {
            at += 2 + ByteBuffer.wrap(jpeg).getShort(at + 2);
        }
        return at;
    }

    private static byte[] encoded(String format, int width, int height) throws IOException {
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR), format, bytes);
        return bytes.toByteArray();
    }

    @Test
    void aDamagedWeightFileIsNamed() throws IOException {
        Path model = export();
        VisionEncoder.loadVerified(model).close();
        Path weights = model.resolve("variables/variables.data-00000-of-00001");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length / 2] ^= 1;
        Files.write(weights, bytes);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.loadVerified(model))
                .withMessage("the model " + model
                        + " is damaged: the file variables/variables.data-00000-of-00001 has other bytes than were"
                        + " written");
    }

    @Test
    void aFurtherAssetThatWasLostIsNamed() throws IOException {
        Path model = export(new Extras(Map.of(), List.of(), List.of(Asset.text("config.yaml", "seed: 0\n"))));
        assertThat(model.resolve("assets.extra/config.yaml")).hasContent("seed: 0\n");
        Files.delete(model.resolve("assets.extra/config.yaml"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.loadVerified(model))
                .withMessageEndingWith("is damaged: it lacks the file assets.extra/config.yaml");
    }

    @Test
    void aFileThatNobodyListedIsRefused() throws IOException {
        Path model = export();
        Files.createDirectories(model.resolve("assets"));
        Path added = Files.writeString(model.resolve("assets/vocabulary.txt"), "a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.loadVerified(model))
                .withMessage("the model " + model + " cannot be verified: its file assets/vocabulary.txt is not in the"
                        + " list assets.extra/SHA256SUMS");
        Files.delete(added);
        Files.createSymbolicLink(model.resolve("assets/link"), folder.resolve("nowhere"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.loadVerified(model))
                .withMessageContaining("its file assets/link is not in the list");
    }

    @Test
    void anEmptyListOfSumsVerifiesNothing() throws IOException {
        Path model = export();
        Files.writeString(model.resolve("assets.extra/SHA256SUMS"), "");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.loadVerified(model))
                .withMessage("the model " + model + " cannot be verified: its file assets.extra/SHA256SUMS is empty");
    }

    @Test
    void aModelIsVerifiedUnderEveryNameOfItsFolder() throws IOException {
        Path model = export();
        Path link = Files.createSymbolicLink(folder.resolve("link"), model);
        Path relative = Path.of("").toAbsolutePath().relativize(model);
        for (Path name : List.of(link, relative, relative.resolve("."), model.resolve("variables/.."))) {
            VisionEncoder.loadVerified(name).close();
        }
        Files.writeString(model.resolve("more"), "a");
        for (Path name : List.of(link, relative, relative.resolve("."), model.resolve("variables/.."))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> VisionEncoder.loadVerified(name))
                    .withMessage("the model " + name
                            + " cannot be verified: its file more is not in the list assets.extra/SHA256SUMS");
        }
    }

    @Test
    void aPlaceBelowAFileIsRefusedAndTheFileStays() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Export.encoder(CONFIG, checkpoint, PREFIX, Map.of(), file.resolve("model")))
                .withMessage(file.resolve("model") + " must lie in a folder, but " + file + " is a file");
        assertThat(file).hasContent("mine");
    }

    @Test
    void theCardSaysWhereTheWeightsComeFrom() throws IOException {
        Path extra = export().resolve("assets.extra");
        assertThat(Files.readString(extra.resolve("README.md"))).contains("| step | 12 |", "4 x 4 pixels");
        assertThat(Files.readString(extra.resolve("model.json")))
                .contains("\"predictor_dim\" : 24", "\"step\" : \"12\"", "\"register_coordinates\" : \"edge\"");
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
        assertThat(folder).isDirectoryNotContaining("glob:**.partial");
    }

    private Path export() throws IOException {
        return export(Extras.of(Map.of("step", "12", Export.IMAGE_SIZE, "96")));
    }

    private Path export(Extras extras) throws IOException {
        Path to = folder.resolve("model");
        Export.encoder(CONFIG, checkpoint, PREFIX, extras, to);
        return to;
    }

    private static int level(int row, int column, int channel) {
        return (row * 31 + column * 17 + channel * 71) % 256;
    }

    private static byte[] png(int width, int height) throws IOException {
        var image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                image.setRGB(
                        column, row, level(row, column, 0) << 16 | level(row, column, 1) << 8 | level(row, column, 2));
            }
        }
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    static void fill(TFloat32 image) {
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
