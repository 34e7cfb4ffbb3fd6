package org.capi.eval.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageDatasetWriter;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.files.DurableFile;
import org.capi.eval.features.Representation.FeatureShape;
import org.capi.fuzz.MutatedFiles;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureCacheTest {

    private static final FeatureExtraction EXTRACTION = new FeatureExtraction(16, 4, 2);

    @TempDir
    Path folder;

    private final List<String> said = new ArrayList<>();
    private final List<Long> encoded = new ArrayList<>();

    @BeforeEach
    void makeModelAndSet() throws IOException {
        ToyEncoder.write(folder.resolve("toy"), 2, "global", "registers", "feature_map");
        Colours.write(folder.resolve("set"), 10, 3);
    }

    @Test
    void everyImageHasARowWithItsNameAndItsLabelIfItHasOne() throws IOException {
        try (FeatureFile features = features(Representation.AVG_PATCH)) {
            assertThat(features.size()).isEqualTo(10);
            assertThat(features.name(4)).isEqualTo("image-4");
            assertThat(features.label(4)).isEqualTo(1);
            assertThat(features.label(2)).isEqualTo(-1);
            assertThat(features.classes()).containsExactly("blue", "red");
            assertThat(row(features, 1))
                    .usingComparatorWithPrecision(1e-4f)
                    .containsExactly(2 / 255f, 60 / 255f, 440 / 255f);
        }
    }

    @Test
    void patchesStandImageByImageRowByRow() throws IOException {
        try (FeatureFile features = features(Representation.PATCHES)) {
            assertThat(features.shape()).isEqualTo(new FeatureShape(4, 4, 3));
            assertThat(features.size()).isEqualTo(160);
            assertThat(features.images()).isEqualTo(10);
            assertThat(features.name(16)).isEqualTo("image-1");
            assertThat(row(features, 31)).isEqualTo(row(features, 16)).isNotEqualTo(row(features, 15));
        }
    }

    @Test
    void registersAreASequence() throws IOException {
        try (FeatureFile features = features(Representation.REGISTERS)) {
            assertThat(features.shape()).isEqualTo(new FeatureShape(1, 2, 3));
            assertThat(row(features, 3)).containsExactly(1, 2, 3);
        }
    }

    @Test
    void valuesAreReadInPlace() throws IOException {
        try (FeatureFile features = features(Representation.PATCHES)) {
            float[] copied = new float[160 * 3];
            features.read(0, 160, copied, 0);
            int at = 0;
            for (FloatBuffer part : features.parts()) {
                assertThat(part.isDirect()).isTrue();
                for (int i = 0; i < part.capacity(); i++) {
                    assertThat(part.get(i)).isEqualTo(copied[at++]);
                }
            }
            assertThat(at).isEqualTo(copied.length);
        }
    }

    @Test
    void whatWasComputedIsNotComputedAgain() throws IOException {
        features(Representation.GLOBAL).close();
        encoded.clear();
        features(Representation.GLOBAL).close();
        assertThat(encoded).isEmpty();
        assertThat(said).isEmpty();
    }

    @Test
    void aChangedModelOrDatasetIsComputed() throws IOException {
        features(Representation.GLOBAL).close();
        encoded.clear();
        Files.writeString(folder.resolve("toy/note.txt"), "another model");
        features(Representation.GLOBAL).close();
        assertThat(encoded).isNotEmpty();
        encoded.clear();
        DurableFile.deleteTree(folder.resolve("set"));
        Colours.write(folder.resolve("set"), 10, 4);
        features(Representation.GLOBAL).close();
        assertThat(encoded).isNotEmpty();
        assertThat(files()).hasSize(3);
    }

    @Test
    void aDamagedFileIsComputedAnewWithAWord() throws IOException {
        features(Representation.GLOBAL).close();
        Path file = files().get(0);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        encoded.clear();
        features(Representation.GLOBAL).close();
        assertThat(encoded).isNotEmpty();
        assertThat(said).singleElement().asString().startsWith("the features " + file + " cannot be read: ");
    }

    @Test
    void aFileThatWasCutOffIsComputedAnew() throws IOException {
        features(Representation.GLOBAL).close();
        Path file = files().get(0);
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 100));
        features(Representation.GLOBAL).close();
        assertThat(said).hasSize(1);
    }

    @Test
    void whatIsNoFileOfFeaturesIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("text.arrow"), "no Arrow file, but a text that is long enough");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> FeatureFile.open(file))
                .withMessageStartingWith("the features " + file + " cannot be read: ");
    }

    /** What is left of a row when a third of a wide image is of one colour: centred, or squashed. */
    @Test
    void anExportSeesTheCentreOrAllOfAnImage() throws IOException {
        var image = new BufferedImage(48, 16, BufferedImage.TYPE_INT_RGB);
        for (int pixel = 0; pixel < 48 * 16; pixel++) {
            image.setRGB(pixel % 48, pixel / 48, pixel % 48 < 16 || pixel % 48 >= 32 ? 0xff0000 : 0x0000ff);
        }
        var png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        try (var writer = ImageDatasetWriter.create(folder.resolve("wide"))) {
            writer.add(new ImageRecord("wide", ByteBuffer.wrap(png.toByteArray()), 0, null, 48, 16));
            writer.finish("test", List.of("flag"), DatasetInfo.Skipped.NONE);
        }
        float[] centre = exported(Transform.CENTRE);
        assertThat(centre[2] / 2).isGreaterThan(0.95f);
        float[] squashed = exported(Transform.SQUASH);
        assertThat(squashed[0] / 2).isBetween(0.6f, 0.73f);
        assertThat(squashed[2] / 2).isBetween(0.27f, 0.4f);
    }

    private float[] exported(Transform transform) throws IOException {
        Path file = folder.resolve(transform + ".arrow");
        try (var dataset = ImageDataset.open(folder.resolve("wide"));
                var model = LoadedModel.open(folder.resolve("toy"))) {
            FeatureExport.to(file)
                    .write(EXTRACTION, model, Representation.GLOBAL, transform, dataset, (done, total) -> {});
        }
        try (FeatureFile features = FeatureFile.open(file)) {
            assertThat(features.notes()).containsEntry("capi.transform", transform.toString());
            return row(features, 0);
        }
    }

    @Tag("slow")
    @Test
    void mutatedFilesAreReadOrRefusedInOneLine() throws IOException {
        features(Representation.GLOBAL).close();
        features(Representation.PATCHES).close();
        MutatedFiles.parseAll(files(), folder, 3000, 32 << 20, file -> {
            try (FeatureFile features = FeatureFile.open(file)) {
                features.toArray();
                features.name(features.size() - 1);
                FeatureTable.of(features);
            }
        });
    }

    @Test
    void numbersThatAreNotFiniteLeaveNoFile() throws IOException {
        DurableFile.deleteTree(folder.resolve("toy"));
        ToyEncoder.write(folder.resolve("toy"), Float.NaN, "global", "registers", "feature_map");
        assertThatIllegalStateException()
                .isThrownBy(() -> features(Representation.GLOBAL))
                .withMessage("the encoder gives a number that is not finite for the image image-0");
        assertThat(files()).isEmpty();
    }

    private FeatureFile features(Representation representation) throws IOException {
        var cache = new FeatureCache(folder.resolve("cache"), said::add);
        try (var dataset = ImageDataset.open(folder.resolve("set"));
                var model = LoadedModel.open(folder.resolve("toy"))) {
            return EXTRACTION.features(
                    cache, model, representation, Transform.CENTRE, dataset, (done, total) -> encoded.add(done));
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
            return files.toList();
        }
    }

    private static float[] row(FeatureFile features, int row) {
        float[] values = new float[features.dim()];
        features.read(row, 1, values, 0);
        return values;
    }
}
