package org.capi.eval.features;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import org.capi.data.arrow.ImageDataset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedClassesTest {

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
                    .isThrownBy(() -> SharedClasses.check(reds, both))
                    .withMessageContaining("have 1 class of which the training images")
                    .withMessageEndingWith("have none: blue");
            assertThatCode(() -> SharedClasses.check(both, reds)).doesNotThrowAnyException();
        }
    }
}
