package org.capi.eval.features;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageDatasetWriter;
import org.capi.data.arrow.ImageRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureTableTest {

    @TempDir
    Path folder;

    @Test
    void aTestClassWithoutTrainingImagesIsNamed() throws IOException {
        // Both sets know the class blue, but the only blue image of the first has no label.
        Colours.write(folder.resolve("reds"), 2, 2);
        Colours.write(folder.resolve("both"), 2, 100);
        try (var reds = ImageDataset.open(folder.resolve("reds"));
                var both = ImageDataset.open(folder.resolve("both"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> FeatureTable.check(reds, both))
                    .withMessageContaining("have 1 class of which the training images")
                    .withMessageEndingWith("have none: blue");
            assertThatCode(() -> FeatureTable.check(both, reds)).doesNotThrowAnyException();
        }
    }

    @Test
    void aLabelOutsideTheRangeIsNamed() throws IOException {
        try (var writer = ImageDatasetWriter.create(folder.resolve("odd"))) {
            writer.add(new ImageRecord("odd.png", ByteBuffer.wrap(new byte[] {1}), 7, null, 8, 8));
            writer.finish("test", List.of("blue", "red"), DatasetInfo.Skipped.NONE);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.open(folder.resolve("odd")))
                .withMessage("damaged dataset: " + folder.resolve("odd/shard-00000.arrow")
                        + ": row 0: an image has the label 7, which must be below 2, the number of classes");
    }

    @Test
    void aSplitWithoutImagesIsRefused() throws IOException {
        Colours.write(folder.resolve("none"), 0, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.open(folder.resolve("none")))
                .withMessage("the dataset " + folder.resolve("none") + " holds no images");
    }
}
