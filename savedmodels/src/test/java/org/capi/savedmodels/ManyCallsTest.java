package org.capi.savedmodels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.toy.RandomModel;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class ManyCallsTest {

    /** One leaked input of each call would be 1.4 GiB, a leaked output of a transformer 157 MiB; seen was 1 MB. */
    private static final long SLACK = 32L << 20;

    @TempDir
    Path folder;

    @Test
    void eightThreadsGetTheirOwnNumbersAndMemoryStaysFlat() throws Exception {
        ToyEncoder.write(folder.resolve("model"), 10, "global", "registers", "feature_map");
        assertFlat();
    }

    /**
     * The toy has one op; a transformer has thousands, whose intermediate results TensorFlow's allocator must get back.
     */
    @Test
    void soDoesATransformer() throws Exception {
        RandomModel.write(new VitConfig(14, 64, 4, 4, 4, Registers.Coordinates.EDGE, true, 64, 1), folder);
        assertFlat();
    }

    private void assertFlat() throws IOException, InterruptedException {
        Path resident = folder.resolve("resident");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms400m",
                        "-Xmx400m",
                        "-XX:+AlwaysPreTouch",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ManyCalls.class.getName(),
                        folder.resolve("model").toString(),
                        resident.toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        String[] bytes = Files.readString(resident).split(" ", -1);
        assertThat(Long.parseLong(bytes[1]) - Long.parseLong(bytes[0]))
                .as("resident bytes after %s calls more than after %s", ManyCalls.CALLS, ManyCalls.WARM_UP)
                .isLessThan(SLACK);
    }
}
