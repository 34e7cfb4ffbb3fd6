package org.capi.eval.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageDatasetWriter;
import org.capi.data.arrow.ImageRecord;
import org.capi.eval.knn.KnnClassifier;
import org.capi.eval.knn.KnnEvaluation;
import org.capi.eval.knn.KnnEvaluation.KnnResult;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureExtractionTest {

    private static final FeatureExtraction EXTRACTION = new FeatureExtraction(16, 4, 2);

    private static final KnnEvaluation KNN = new KnnEvaluation(List.of(new KnnClassifier(5, 0.07)), EXTRACTION);

    @TempDir
    Path folder;

    @Test
    void bothRepresentationsStandSideBySide() throws IOException {
        try (var dataset = colours("train", 3, 100);
                var model = toy();
                var both = features(model, Representation.BOTH, dataset)) {
            float[] row = new float[6];
            both.read(0, 1, row, 0);
            assertThat(both.dim()).isEqualTo(6);
            assertThat(row[0]).isCloseTo(2 * 200 / 255f, within(1e-4f));
            assertThat(row[5]).isCloseTo(row[2], within(1e-5f));
        }
    }

    @Test
    void imagesWithoutALabelAreLeftOutOfTheTable() throws IOException {
        try (var dataset = colours("train", 9, 3);
                var model = toy();
                var global = features(model, Representation.GLOBAL, dataset)) {
            FeatureTable table = FeatureTable.of(global);
            assertThat(table.size()).isEqualTo(6);
            assertThat(table.rows().size()).isEqualTo(6);
            float[] rows = table.rows().toArray();
            // The third image, a red one, has no label; the fourth is blue.
            assertThat(table.label(2)).isZero();
            assertThat(rows[2 * 3 + 2]).isCloseTo(2 * 220 / 255f, within(1e-4f));
        }
    }

    @Test
    void aDatasetWithoutLabelsIsRefused() throws IOException {
        try (var none = colours("none", 4, 1);
                var some = colours("train", 20, 100)) {
            for (var sets : List.of(List.of(none, some), List.of(some, none))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> KNN.check(sets.get(0), sets.get(1)))
                        .withMessage("the dataset " + folder.resolve("none")
                                + " has no labels; this evaluation needs the class of each image");
            }
        }
    }

    @Test
    void coloursAreToldApartByTheToyAndByTheirPixels() throws IOException {
        try (var train = colours("train", 20, 100);
                var test = colours("test", 7, 100);
                var model = toy()) {
            assertThat(KNN.ofModel(model, cache(), Representation.AVG_PATCH, train, test, JobProgress.none()))
                    .extracting(KnnEvaluation.Outcome::result)
                    .containsExactly(new KnnResult(1, 5, "avg_patch", 2, 20, 7));
            assertThat(KNN.ofPixels(train, test, JobProgress.none()))
                    .extracting(KnnEvaluation.Outcome::result)
                    .containsExactly(new KnnResult(1, 5, "pixels", 2, 20, 7));
        }
    }

    @Test
    void whatCannotBeEvaluatedIsRefusedBeforeAnythingIsEncoded() throws IOException {
        try (var train = colours("train", 20, 100);
                var test = colours("test", 7, 100);
                var model = toy()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new KnnEvaluation(KNN.grid(), new FeatureExtraction(2, 4, 2))
                            .ofModel(model, cache(), Representation.GLOBAL, train, test, JobProgress.none()))
                    .withMessageStartingWith("the model toy does not take images of 2 x 2 pixels: ");
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> KNN.ofModel(model, cache(), Representation.PATCHES, train, test, JobProgress.none()))
                    .withMessage("this evaluation needs one vector for an image, not the representation patches");
        }
        assertThat(folder.resolve("cache")).doesNotExist();
    }

    @Test
    void anImageThatCannotBeDecodedIsNamed() throws IOException {
        Path broken = folder.resolve("broken");
        try (var writer = ImageDatasetWriter.create(broken)) {
            byte[] noImage = "\u0089PNG no image".getBytes(StandardCharsets.ISO_8859_1);
            writer.add(new ImageRecord("cat/1.png", ByteBuffer.wrap(noImage), 0, null, 8, 8));
            writer.finish("test", List.of("cat"), DatasetInfo.Skipped.NONE);
        }
        try (var dataset = ImageDataset.open(broken)) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> EXTRACTION.pixels(dataset, (done, total) -> {}))
                    .withMessageStartingWith("the image cat/1.png of " + broken + ": ");
        }
    }

    @Test
    void featuresThatAreNoNumbersAreNotKept() throws IOException {
        Path model = folder.resolve("sick");
        ToyEncoder.write(model, Float.NaN, "global", "registers", "feature_map");
        try (var dataset = colours("train", 3, 100);
                var sick = LoadedModel.open(model)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> features(sick, Representation.GLOBAL, dataset))
                    .withMessage("the encoder gives a number that is not finite for the image image-0");
        }
        assertThat(folder.resolve("cache")).isEmptyDirectory();
    }

    @Test
    void anUnknownRepresentationIsRefusedWithThoseThatThereAre() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Representation.named("cls"))
                .withMessage("representation must be one of avg_patch, global, both, registers, patches, was cls");
    }

    private ImageDataset colours(String name, int images, int unlabelledEvery) throws IOException {
        Colours.write(folder.resolve(name), images, unlabelledEvery);
        return ImageDataset.open(folder.resolve(name));
    }

    private LoadedModel toy() throws IOException {
        Path model = folder.resolve("toy");
        ToyEncoder.write(model, 2, "global", "registers", "feature_map");
        return LoadedModel.open(model);
    }

    private FeatureFile features(LoadedModel model, Representation representation, ImageDataset dataset)
            throws IOException {
        return EXTRACTION.features(cache(), model, representation, Transform.CENTRE, dataset, (done, total) -> {});
    }

    private FeatureCache cache() {
        return new FeatureCache(folder.resolve("cache"), said -> {});
    }
}
