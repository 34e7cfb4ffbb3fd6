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
import java.util.function.UnaryOperator;
import org.capi.graph.vit.RegisterCoordinates;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

@Tag("slow")
class ManyCallsTest {

    private static final int THREADS = 8;
    private static final int CALLS = 10_000;
    private static final int WARM_UP = 2_000;
    private static final int SIDE = 112;
    private static final int GREYS = 64;
    private static final float SCALE = 10;

    /** One leaked input of each call would be 1.4 GiB; what allocators keep for themselves is far less. */
    private static final long SLACK = 128L << 20;

    @TempDir
    Path folder;

    @Test
    void eightThreadsGetTheirOwnNumbersAndMemoryStaysFlat(TestReporter reporter) throws Exception {
        Path model = folder.resolve("toy");
        ToyEncoder.write(model, SCALE, "global", "registers", "feature_map");
        try (var encoder = VisionEncoder.load(model)) {
            assertFlat(reporter, calls -> call(encoder, calls, grey -> SCALE * grey));
        }
    }

    /** The toy has one op; a transformer has thousands, whose intermediate results TensorFlow's allocator must get back. */
    @Test
    void soDoesATransformer(TestReporter reporter) throws Exception {
        RandomModel.write(new VitConfig(14, 64, 4, 4, 4, RegisterCoordinates.EDGE, true, 64, 1), folder);
        try (var encoder = VisionEncoder.load(folder.resolve("model"))) {
            float[] alone = new float[GREYS];
            for (int i = 0; i < GREYS; i++) {
                alone[i] = feature(encoder, i / (float) GREYS);
            }
            assertThat(alone[1]).isNotCloseTo(alone[GREYS - 1], within(1e-2f));
            assertFlat(reporter, calls -> call(encoder, calls, grey -> alone[Math.round(grey * GREYS)]));
        }
    }

    /** Makes a number of calls. */
    @FunctionalInterface
    private interface Calls {
        void make(int count) throws Exception;
    }

    private static void assertFlat(TestReporter reporter, Calls calls) throws Exception {
        calls.make(WARM_UP);
        long before = residentBytes();
        calls.make(CALLS);
        long after = residentBytes();
        reporter.publishEntry(
                "resident bytes after " + WARM_UP + " calls, and " + CALLS + " later", before + ", " + after);
        assertThat(after - before)
                .as("resident bytes after %s calls more than after %s", CALLS, WARM_UP)
                .isLessThan(SLACK);
    }

    /** Each call has another grey than its neighbours, and what its features must be depends on it. */
    private static void call(VisionEncoder encoder, int calls, UnaryOperator<Float> expected) throws Exception {
        var threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Float>> jobs = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                float grey = i % GREYS / (float) GREYS;
                jobs.add(() -> feature(encoder, grey));
            }
            List<Future<Float>> results = threads.invokeAll(jobs);
            for (int i = 0; i < calls; i++) {
                float grey = i % GREYS / (float) GREYS;
                assertThat(results.get(i).get()).isCloseTo(expected.apply(grey), within(1e-4f));
            }
        } finally {
            threads.shutdown();
        }
    }

    /** One number of a patch of a grey image. */
    private static float feature(VisionEncoder encoder, float grey) {
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
