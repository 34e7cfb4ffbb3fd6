package org.capi.savedmodels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.toy.RandomModel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/** A protocol buffer ends at 2 GiB, and so would a model whose weights are in its graph. */
@Tag("slow")
class LargeExportTest {

    private static final VitConfig WIDE = new VitConfig(14, 2048, 11, 16, 4, Registers.Coordinates.EDGE, true, 256, 1);
    private static final long TWO_GIB = 2L << 30;
    private static final long SMALL = 8L << 20;

    @TempDir
    Path folder;

    @Test
    void weightsOverTwoGigabytesGoBesideTheGraph() throws IOException {
        assertThat(RandomModel.write(WIDE, folder)).isGreaterThan(TWO_GIB);
        Path model = folder.resolve("model");
        assertThat(Files.size(model.resolve("saved_model.pb"))).isLessThan(SMALL);
        assertThat(bytes(model.resolve("variables"))).isGreaterThan(TWO_GIB);
        try (var encoder = VisionEncoder.load(model);
                var images = TFloat32.tensorOf(Shape.of(1, 28, 28, 3), ExportTest::fill)) {
            var map = encoder.encode(images).featureMap();
            assertThat(map.shape()).isEqualTo(Shape.of(1, 2, 2, 2048));
            // The last norm has no gain: the numbers of a patch have a mean square of 1.
            double squares = 0;
            for (int i = 0; i < 2048; i++) {
                squares += Math.pow(map.getFloat(0, 1, 1, i), 2);
            }
            assertThat(squares / 2048).isBetween(0.999, 1.001);
        }
    }

    private static long bytes(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }
}
