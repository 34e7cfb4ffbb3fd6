package org.capi.eval.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.pictures.Palette;
import org.capi.eval.rows.Standardization;
import org.capi.eval.search.ExactKnn.Distance;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentationTest {

    @TempDir
    Path folder;

    @Test
    void coloursAreToldApartByTheirFeatures() throws IOException {
        SegmentResult result = evaluated(20, List.of(1, 3), List.of(0.01, 1.0)).result();
        assertThat(result.probes())
                .extracting(SegmentResult.SegmentProbeResult::probe)
                .containsExactly("knn", "logistic");
        for (var probe : result.probes()) {
            assertThat(probe.meanIou()).isEqualTo(1);
            assertThat(probe.accuracy()).isEqualTo(1);
            assertThat(probe.iou()).containsOnlyKeys("red", "blue");
        }
    }

    @Test
    void theFirstOfEquallyGoodSettingsIsChosen() throws IOException {
        var probes = evaluated(20, List.of(1, 3), List.of(0.01, 1.0)).result().probes();
        assertThat(probes.get(0).chosen()).containsEntry("k", 1).containsEntry("metric", "l2");
        assertThat(probes.get(0).heldOut()).hasSize(2);
        assertThat(probes.get(1).chosen()).containsEntry("c", 0.01);
    }

    @Test
    void theSameSeedGivesTheSameResult() throws IOException {
        assertThat(evaluated(20, List.of(1, 3), List.of(1.0)).result())
                .isEqualTo(evaluated(20, List.of(1, 3), List.of(1.0)).result());
    }

    @Test
    void withOneSettingNothingIsHeldOut() throws IOException {
        var probes = evaluated(3, List.of(1), List.of(1.0)).result().probes();
        assertThat(probes.get(0).heldOut()).isEmpty();
        assertThat(probes.get(0).meanIou()).isEqualTo(1);
    }

    @Test
    void predictionsAreWrittenAsLabelsWithAPalette() throws IOException {
        evaluated(12, List.of(1), List.of(1.0)).pictures().write(folder.resolve("out"));
        Path predictions = folder.resolve("out/predictions-patches");
        BufferedImage map = ImageIO.read(predictions.resolve("00001-knn.png").toFile());
        assertThat(map.getType()).isEqualTo(BufferedImage.TYPE_BYTE_INDEXED);
        assertThat(map.getRaster().getSample(0, 0, 0)).isEqualTo(Maps.RED);
        assertThat(map.getRaster().getSample(15, 15, 0)).isEqualTo(Maps.BLUE);
        assertThat(Files.readString(predictions.resolve("images.tsv"))).startsWith("00000\timage-0\n00001\timage-1\n");
        assertThat(folder.resolve("out/segment-patches.png")).exists();
        assertThat(folder.resolve("out")).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void pixelsAreEvaluatedWithoutAModel() throws IOException {
        try (var train = maps("train", 12);
                var test = maps("test", 4)) {
            SegmentResult result = segmentation(List.of(1), List.of(1.0))
                    .ofPixels(4, folder, train, test, JobProgress.none())
                    .result();
            assertThat(result.features()).isEqualTo("pixels");
            assertThat(result.dim()).isEqualTo(48);
            assertThat(result.probes().get(0).meanIou()).isEqualTo(1);
        }
    }

    @Test
    void moreNeighboursThanKeptPatchesAreRefusedBeforeAnythingIsEncoded() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> evaluated(3, List.of(49), List.of(1.0)))
                .withMessage("k must be at most the number of training patches that are kept, 48, was 49");
        assertThat(folder.resolve("features")).doesNotExist();
    }

    @Test
    void tooFewImagesToHoldOneOutAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> evaluated(9, List.of(1, 3), List.of(1.0)))
                .withMessageContaining("there must be at least 10, were 9");
    }

    @Test
    void aMapOfAnotherSizeIsNamed() throws IOException {
        Maps.writeOne(folder.resolve("odd"), Maps.all(1, 8), 8, Maps.CLASSES);
        refused("odd.png", "its label map has 8 x 8 pixels, it has 16 x 16");
    }

    @Test
    void aLabelOutsideTheRangeIsNamed() throws IOException {
        Maps.writeOne(folder.resolve("odd"), Maps.all(7, 16), 16, Maps.CLASSES);
        refused("odd.png", "its label map has the label 7, which must be below 3, the number of classes");
    }

    @Test
    void imagesWithoutMapsAreRefused() throws IOException {
        Maps.writeOne(folder.resolve("odd"), null, 0, Maps.CLASSES);
        assertThatIllegalArgumentException()
                .isThrownBy(this::odd)
                .withMessageEndingWith("of the 1 images of " + folder.resolve("odd") + " 0 have one");
    }

    @Test
    void nothingButIgnoredPatchesIsRefused() throws IOException {
        Maps.writeOne(folder.resolve("odd"), Maps.all(0, 16), 16, Maps.CLASSES);
        assertThatIllegalArgumentException()
                .isThrownBy(this::odd)
                .withMessageStartingWith("no patch is left to fit on");
    }

    @Test
    void testImagesOfWhichNoPixelCountsAreRefusedBeforeAnythingIsEncoded() throws IOException {
        Maps.writeOne(folder.resolve("blank"), Maps.all(0, 16), 16, Maps.CLASSES);
        ToyEncoder.write(folder.resolve("toy"), 2, "global", "registers", "feature_map");
        try (var train = maps("train", 3);
                var blank = ImageDataset.open(folder.resolve("blank"));
                var model = LoadedModel.open(folder.resolve("toy"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> segmentation(List.of(1), List.of(1.0))
                            .ofModel(model, cache(), train, blank, JobProgress.none()))
                    .withMessage("no pixel of the test images counts: the label of each pixel of "
                            + folder.resolve("blank") + " is among the ignored [0]");
        }
        assertThat(folder.resolve("features")).doesNotExist();
    }

    /** A label that the whole map has may be gone from the squashed one. */
    @Test
    void squashedTestLabelsOfWhichNoneCountsAreRefused() {
        var evaluation =
                new SegmentEvaluation(segmentation(List.of(1), List.of(1.0)).settings(), Maps.CLASSES, 1, folder);
        var train = new PatchLabels(new byte[] {1, 2, 1}, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> evaluation.check(train, new PatchLabels(new byte[] {0, 0}, 1)))
                .withMessage("no pixel of the test images counts: the label of each is among the ignored [0]");
        evaluation.check(train, new PatchLabels(new byte[] {0, 2}, 1));
    }

    @Test
    void heldOutImagesOfWhichNoPixelCountsAreRefused() {
        var evaluation =
                new SegmentEvaluation(segmentation(List.of(1, 3), List.of(1.0)).settings(), Maps.CLASSES, 1, folder);
        byte[] labels = {1, 2, 1, 2, 1, 2, 1, 2, 1, 2};
        labels[Patches.shuffled(10, 0)[0]] = 0;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> evaluation.check(new PatchLabels(labels, 1), new PatchLabels(new byte[] {1}, 1)))
                .withMessage("no pixel of the training images that are held out to choose by counts: the label of each"
                        + " is among the ignored [0]");
    }

    @Test
    void theFigureNamesItsColours() throws IOException {
        SegmentPictures.Written written =
                evaluated(12, List.of(1), List.of(1.0)).pictures().write(folder.resolve("out"));
        assertThat(written.legend()).containsEntry(1, "1 red").containsEntry(2, "2 blue");
        BufferedImage sheet = ImageIO.read(written.sheet().toFile());
        assertThat(sheet.getHeight()).isEqualTo(24 + 5 * (224 + 8) + 24);
        assertThat(sheet.getRGB(8 + 9, 24 + 5 * (224 + 8) + 9) & 0xffffff).isEqualTo(Palette.of(1));
        assertThat(sheet.getRGB(8 + 224 + 9, 24 + 5 * (224 + 8) + 9) & 0xffffff).isEqualTo(Palette.of(2));
    }

    @Test
    void anotherNumberOfClassesIsRefused() throws IOException {
        Maps.writeOne(folder.resolve("odd"), Maps.all(1, 16), 16, List.of("void", "red"));
        assertThatIllegalArgumentException()
                .isThrownBy(this::odd)
                .withMessage("the training images " + folder.resolve("odd") + " have 2 classes, the test images "
                        + folder.resolve("test") + " 3");
    }

    @Test
    void aSizeThatIsNoMultipleOfThePatchIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PatchReader(18, 4, Set.of(), 1))
                .withMessage("image_size must be a multiple of the patch size 4, was 18");
    }

    @Test
    void featuresThatAreNoNumbersAreNamed() throws IOException {
        ToyEncoder.write(folder.resolve("sick"), Float.NaN, "global", "registers", "feature_map");
        try (var train = maps("train", 3);
                var test = maps("test", 3);
                var model = LoadedModel.open(folder.resolve("sick"))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> segmentation(List.of(1), List.of(1.0))
                            .ofModel(model, cache(), train, test, JobProgress.none()))
                    .withMessageContaining("a number that is not finite");
        }
    }

    private void refused(String image, String why) {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(this::odd)
                .withMessageStartingWith("the image " + image + " of " + folder.resolve("odd"))
                .withMessageContaining(why);
    }

    private void odd() throws IOException {
        try (var train = ImageDataset.open(folder.resolve("odd"));
                var test = maps("test", 3)) {
            segmentation(List.of(1), List.of(1.0)).ofPixels(4, folder, train, test, JobProgress.none());
        }
    }

    private Segmentation.Outcome evaluated(int images, List<Integer> neighbours, List<Double> cs) throws IOException {
        if (Files.notExists(folder.resolve("toy"))) {
            ToyEncoder.write(folder.resolve("toy"), 2, "global", "registers", "feature_map");
        }
        try (var train = maps("train", images);
                var model = LoadedModel.open(folder.resolve("toy"))) {
            ImageDataset test = maps("test", 5); // the pictures read it
            return segmentation(neighbours, cs).ofModel(model, cache(), train, test, JobProgress.none());
        }
    }

    private FeatureCache cache() {
        return new FeatureCache(folder.resolve("features"), said -> {});
    }

    private static Segmentation segmentation(List<Integer> neighbours, List<Double> cs) {
        var settings = new SegmentSettings(
                List.of(SegmentSettings.Probe.KNN, SegmentSettings.Probe.LOGISTIC),
                neighbours,
                List.of(Distance.L2),
                cs,
                Standardization.STANDARD,
                1,
                Set.of(0),
                1e-5,
                200,
                0,
                2);
        return new Segmentation(settings, Maps.SIDE, 4);
    }

    private ImageDataset maps(String name, int images) throws IOException {
        Path set = folder.resolve(name);
        if (Files.notExists(set)) {
            Maps.write(set, images);
        }
        return ImageDataset.open(set);
    }
}
