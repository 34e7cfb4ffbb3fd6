package org.capi.eval.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.Colours;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Transform;
import org.capi.eval.pictures.PcaPictures.ImageMeans;
import org.capi.eval.pictures.PcaPictures.PcaGrid;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcaPicturesTest {

    @TempDir
    Path folder;

    @Test
    void imagesOfTwoColoursGetTwoColoursInTheJointViewWhereTheirMeansAreKept() throws IOException {
        PcaGrid sheet = draw(4, ImageMeans.KEPT);
        assertThat(sheet.rows()).hasSize(4);
        int first = sheet.rows().get(0).joint().getRGB(100, 100);
        int second = sheet.rows().get(1).joint().getRGB(100, 100);
        assertThat(first & 0xff0000).isNotEqualTo(second & 0xff0000);
        assertThat(sheet.rows().get(1).image().getRGB(0, 0) & 0xffffff).isEqualTo(0x011edc);
    }

    @Test
    void whatAllPatchesOfAnImageShareIsNotInTheJointViewWhereTheirMeansAreRemoved() throws IOException {
        PcaGrid sheet = draw(4, ImageMeans.REMOVED);
        for (PcaGrid.Row row : sheet.rows()) {
            assertThat(row.joint().getRGB(100, 100) & 0xffffff).isEqualTo(0x7f7f7f);
        }
        assertThat(sheet.rows().get(1).image().getRGB(0, 0) & 0xffffff).isEqualTo(0x011edc);
    }

    @Test
    void anObjectHasTheSameColourInImagesOfDifferentMeans() {
        // Two images of three patches, the last of which is the object: it differs from its image alike in both.
        double[][] features = {{1, 0}, {1, 0}, {1, 3}, {-7, 2}, {-7, 2}, {-7, 5}};
        assertThat(PcaPictures.withoutImageMeans(features, 3))
                .isDeepEqualTo(new double[][] {{0, -1}, {0, -1}, {0, 2}, {0, -1}, {0, -1}, {0, 2}});
    }

    @Test
    void featuresWithoutVarianceGiveAnEvenPicture() throws IOException {
        BufferedImage own = draw(1).rows().get(0).own();
        assertThat(own.getRGB(0, 0) & 0xffffff).isEqualTo(0x7f7f7f);
        assertThat(own.getRGB(223, 223)).isEqualTo(own.getRGB(0, 0));
    }

    @Test
    void aSheetAndAFileForEachImageAreWritten() throws IOException {
        draw(3).write(folder.resolve("out"));
        assertThat(folder.resolve("out")).isDirectoryContaining("glob:**/pca-002.png");
        BufferedImage sheet = ImageIO.read(folder.resolve("out/pca.png").toFile());
        assertThat(sheet.getWidth()).isEqualTo(3 * 232 + 8);
        assertThat(sheet.getHeight()).isEqualTo(3 * 232 + 24);
        assertThat(folder.resolve("out")).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void everyPatchIsASquareOfTheSameSize() {
        assertThat(Picture.evenSide(16, 224)).isEqualTo(224);
        assertThat(Picture.evenSide(40, 224)).isEqualTo(240);
        assertThat(Picture.evenSide(300, 224)).isEqualTo(300);
    }

    @Test
    void ofPixelsThatShareADotTheMeanIsSeen() {
        var stripes = new BufferedImage(6, 6, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 36; i++) {
            stripes.setRGB(i % 6, i / 6, i % 2 == 0 ? 0xff0040 : 0x000000);
        }
        BufferedImage shrunk = Picture.shrunk(stripes, 3);
        for (int i = 0; i < 9; i++) {
            assertThat(shrunk.getRGB(i % 3, i / 3) & 0xffffff).isEqualTo(0x800020);
        }
        assertThat(Picture.shrunk(stripes, 12).getRGB(1, 11) & 0xffffff).isEqualTo(0xff0040);
    }

    @Test
    void noImagesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PcaPictures(0, 224, 1))
                .withMessage("images must be at least 1, was 0");
    }

    @Test
    void aSizeThatTheModelRefusesAndNumbersThatAreNoneAreNamed() throws IOException {
        Colours.write(folder.resolve("data"), 5, 100);
        ToyEncoder.write(folder.resolve("toy"), 2, "global", "registers", "feature_map");
        ToyEncoder.write(folder.resolve("sick"), Float.NaN, "global", "registers", "feature_map");
        try (var dataset = ImageDataset.open(folder.resolve("data"));
                var model = LoadedModel.open(folder.resolve("toy"));
                var sick = LoadedModel.open(folder.resolve("sick"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new PcaPictures(2, 2, 1).draw(model, dataset, (done, total) -> {}))
                    .withMessageStartingWith("the model toy does not take images of 2 x 2 pixels: ");
            assertThatIllegalStateException()
                    .isThrownBy(() -> new PcaPictures(2, 16, 1).draw(sick, dataset, (done, total) -> {}))
                    .withMessage("the encoder gives a number that is not finite for a black image");
        }
    }

    private PcaGrid draw(int images) throws IOException {
        return draw(images, ImageMeans.REMOVED);
    }

    private PcaGrid draw(int images, ImageMeans means) throws IOException {
        Colours.write(folder.resolve("data"), 5, 100);
        ToyEncoder.write(folder.resolve("toy"), 2, "global", "registers", "feature_map");
        try (var dataset = ImageDataset.open(folder.resolve("data"));
                var model = LoadedModel.open(folder.resolve("toy"))) {
            return new PcaPictures(images, 16, Transform.SQUASH, means, 2).draw(model, dataset, (done, total) -> {});
        }
    }
}
