package org.capi.savedmodels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

@Tag("slow")
class ManyCallsTest {

    private static final int THREADS = 8;
    private static final int CALLS = 10_000;
    private static final int WARM_UP = 2_000;
    private static final int SIDE = 64;
    private static final float SCALE = 10;

    /** One leaked input of each call would be 384 MiB; what allocators keep for themselves is far less. */
    private static final long SLACK = 96L << 20;

    @TempDir
    Path folder;

    @Test
    void eightThreadsGetTheirOwnNumbersAndMemoryStaysFlat() throws Exception {
        Path model = folder.resolve("toy");
        ToyEncoder.write(model, SCALE, "global", "registers", "feature_map");
        try (var encoder = VisionEncoder.load(model)) {
            call(encoder, WARM_UP);
            long before = residentBytes();
            call(encoder, CALLS);
            long after = residentBytes();
            assertThat(after - before)
                    .as("resident bytes after %s calls more than after %s", CALLS, WARM_UP)
                    .isLessThan(SLACK);
        }
    }

    /** Each call has another grey, which is what its features must be. */
    private static void call(VisionEncoder encoder, int calls) throws Exception {
        var threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Float>> jobs = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                float grey = i / (float) calls;
                jobs.add(() -> grey(encoder, grey));
            }
            List<Future<Float>> results = threads.invokeAll(jobs);
            for (int i = 0; i < calls; i++) {
                assertThat(results.get(i).get()).isCloseTo(SCALE * i / calls, within(1e-4f));
            }
        } finally {
            threads.shutdown();
        }
    }

    private static float grey(VisionEncoder encoder, float grey) {
        float[] pixels = new float[SIDE * SIDE * 3];
        Arrays.fill(pixels, grey);
        try (var images = TFloat32.tensorOf(Shape.of(1, SIDE, SIDE, 3), DataBuffers.of(pixels, false, false))) {
            return encoder.encode(images).featureMap().getFloat(0, 3, 5, 1);
        }
    }

    private static long residentBytes() throws IOException {
        System.gc();
        String pages = Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1];
        return Long.parseLong(pages) * 4096;
    }
}
