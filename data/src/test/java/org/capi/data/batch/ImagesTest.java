package org.capi.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.TestImages;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.ImageDatasetWriter;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.ImageKernels;
import org.capi.data.mask.MaskGenerator.UniformMask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagesTest {

    @TempDir
    Path folder;

    @BeforeEach
    void writeDatasets() throws IOException {
        write("cats/train", 5);
        write("cats/val", 2);
        write("dogs", 3);
    }

    @Test
    void theRowsOfSeveralDatasetsFollowEachOther() throws IOException {
        try (Images images = Images.open(folder + "/cats," + folder + "/dogs," + folder + "/cats:val")) {
            assertThat(images.size()).isEqualTo(10);
            assertThat(images.parts())
                    .extracting(Images.Part::name)
                    .containsExactly(folder + "/cats", folder + "/dogs", folder + "/cats:val");
            List<String> names = new ArrayList<>();
            for (int row = 0; row < 10; row++) {
                names.add(images.get(row).name());
            }
            assertThat(names)
                    .containsExactly(
                            "cats/train 0",
                            "cats/train 1",
                            "cats/train 2",
                            "cats/train 3",
                            "cats/train 4",
                            "dogs 0",
                            "dogs 1",
                            "dogs 2",
                            "cats/val 0",
                            "cats/val 1");
            assertThat(images.place(6)).isEqualTo("row 1 of " + folder.resolve("dogs"));
            assertThatThrownBy(() -> images.get(10)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> images.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void everyImageOfBothComesOnceInAnEpoch() throws IOException {
        var settings = new BatchSettings(4, 8, 8, 4, 0.6, 1, true, new UniformMask(), 0.5, 0.5, 3, 1, 1, 0, 1);
        try (Images images = Images.open(folder + "/cats," + folder + "/dogs");
                var kernels = new ImageKernels()) {
            var samples = new Samples(images, settings, kernels);
            for (int epoch = 0; epoch < 3; epoch++) {
                List<String> shown = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    shown.add(samples.at(8 * epoch + i).image().name());
                }
                assertThat(shown)
                        .containsExactlyInAnyOrder(
                                "cats/train 0",
                                "cats/train 1",
                                "cats/train 2",
                                "cats/train 3",
                                "cats/train 4",
                                "dogs 0",
                                "dogs 1",
                                "dogs 2");
            }
        }
    }

    @Test
    void aDatasetThatIsNamedTwiceIsRefusedHoweverItIsWritten() {
        String twice = folder + "/cats," + folder + "/dogs," + folder + "/dogs/../cats:train";
        assertThatThrownBy(() -> Images.open(twice))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the dataset " + folder + "/dogs/../cats/train is named twice, as " + folder
                        + "/cats and as " + folder + "/dogs/../cats:train; name each once");
    }

    @Test
    void aDatasetThatIsMissingIsNamedAlone() {
        assertThatThrownBy(() -> Images.open(folder + "/cats," + folder + "/birds"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no dataset folder: " + folder + "/birds");
        assertThatThrownBy(() -> Images.open(folder + "/cats,"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DIR or DIR:SPLIT");
        assertThatThrownBy(() -> Images.open(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no dataset is named");
    }

    @Test
    void aFolderWhoseOwnNameHoldsACommaIsOneDataset() throws IOException {
        write("cats, dogs", 4);
        try (Images images = Images.open(folder + "/cats, dogs")) {
            assertThat(images.size()).isEqualTo(4);
        }
    }

    private void write(String name, int images) throws IOException {
        Path target = folder.resolve(name);
        Files.createDirectories(target.resolveSibling(""));
        try (var writer = ImageDatasetWriter.create(target)) {
            for (int i = 0; i < images; i++) {
                byte[] png = TestImages.png(20, 30, i);
                writer.add(new ImageRecord(name + " " + i, ByteBuffer.wrap(png), -1, null, 30, 20));
            }
            writer.finish("test", List.of(), DatasetInfo.Skipped.NONE);
        }
    }
}
