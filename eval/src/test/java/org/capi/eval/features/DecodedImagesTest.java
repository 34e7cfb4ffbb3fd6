package org.capi.eval.features;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageDataset.ShardException;
import org.capi.data.image.Pixels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecodedImagesTest {

    @TempDir
    private Path folder;

    @Test
    void aShardThatIsCutOffWhileImagesAreEncodedIsAnErrorThatNamesIt() throws IOException {
        Colours.write(folder.resolve("train"), 40, 5);
        Path shard = folder.resolve("train/shard-00000.arrow");
        DecodedImages.View grey = (kernels, image, position) -> new Pixels(ByteBuffer.allocate(3), 1, 1, 3);
        try (ImageDataset dataset = ImageDataset.open(folder)) {
            try (var file = Files.newByteChannel(shard, StandardOpenOption.WRITE)) {
                file.truncate(600);
            }
            try (var images = new DecodedImages(dataset, grey, 40, 2)) {
                assertThatThrownBy(() -> {
                            while (images.hasNext()) {
                                images.next();
                            }
                        })
                        .isInstanceOf(ShardException.class)
                        .hasMessageStartingWith(shard + " was cut off while it was in use: it has 600 bytes");
            }
        }
    }
}
