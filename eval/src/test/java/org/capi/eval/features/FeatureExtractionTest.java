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
import java.util.ArrayList;
import java.util.List;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageDatasetWriter;
import org.capi.data.arrow.ImageRecord;
import org.capi.eval.knn.KnnEvaluation;
import org.capi.eval.knn.KnnResult;
import org.capi.eval.knn.NearestNeighbours;
import org.capi.savedmodels.VisionEncoder;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureExtractionTest {

    private static final FeatureExtraction EXTRACTION = new FeatureExtraction(16, 4, 2);

    @TempDir
    Path folder;

    @Test
    void everyImageGivesTheVectorOfItsColour() throws IOException {
        try (var dataset = colours("train", 10, 100);
                var encoder = toy()) {
            FeatureTable table = EXTRACTION.encode(encoder, Representation.AVG_PATCH, dataset, (done, total) -> {});
            assertThat(table.size()).isEqualTo(10);
            for (int i = 0; i < 10; i++) {
                float red = i % 2 == 0 ? 200 : i;
                assertThat(table.row(i)[0]).isCloseTo(2 * red / 255, within(1e-4f));
                assertThat(table.label(i)).isEqualTo(i % 2 == 0 ? 1 : 0);
            }
        }
    }

    @Test
    void bothRepresentationsStandSideBySide() throws IOException {
        try (var dataset = colours("train", 3, 100);
                var encoder = toy()) {
            FeatureTable both = EXTRACTION.encode(encoder, Representation.BOTH, dataset, (done, total) -> {});
            assertThat(both.dim()).isEqualTo(6);
            assertThat(both.row(0)[5]).isCloseTo(both.row(0)[2], within(1e-5f));
        }
    }

    @Test
    void imagesWithoutALabelAreLeftOutAndProgressReachesTheEnd() throws IOException {
        List<Long> heard = new ArrayList<>();
        try (var dataset = colours("train", 9, 3);
                var encoder = toy()) {
            FeatureTable table =
                    EXTRACTION.encode(encoder, Representation.GLOBAL, dataset, (done, total) -> heard.add(done));
            assertThat(table.size()).isEqualTo(6);
        }
        assertThat(heard).isSorted().endsWith(9L).doesNotHaveDuplicates();
    }

    @Test
    void aDatasetWithoutLabelsIsRefused() throws IOException {
        try (var dataset = colours("train", 4, 1);
                var encoder = toy()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EXTRACTION.encode(encoder, Representation.GLOBAL, dataset, (done, total) -> {}))
                    .withMessageContaining("has no labels");
        }
    }

    @Test
    void coloursAreToldApartByTheToyAndByTheirPixels() throws IOException {
        var evaluation = new KnnEvaluation(new NearestNeighbours(5, 0.07), EXTRACTION);
        try (var train = colours("train", 20, 100);
                var test = colours("test", 7, 100);
                var encoder = toy()) {
            assertThat(evaluation.ofModel(encoder, Representation.AVG_PATCH, train, test, JobProgress.unheard()))
                    .isEqualTo(new KnnResult(1, 5, "avg_patch", 2, 20, 7));
            assertThat(evaluation.ofPixels(train, test, JobProgress.unheard()))
                    .isEqualTo(new KnnResult(1, 5, "pixels", 2, 20, 7));
        }
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
    void featuresThatAreNoNumbersAreNotJudged() throws IOException {
        Path model = folder.resolve("sick");
        ToyEncoder.write(model, Float.NaN, "global", "registers", "feature_map");
        try (var dataset = colours("train", 3, 100);
                var encoder = VisionEncoder.load(model)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> EXTRACTION.encode(encoder, Representation.GLOBAL, dataset, (done, total) -> {}))
                    .withMessageContaining("a number that is not finite");
        }
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

    private VisionEncoder toy() throws IOException {
        Path model = folder.resolve("toy");
        ToyEncoder.write(model, 2, "global", "registers", "feature_map");
        return VisionEncoder.load(model);
    }
}
