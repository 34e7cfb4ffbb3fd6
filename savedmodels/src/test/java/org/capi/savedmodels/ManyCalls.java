package org.capi.savedmodels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * Calls one encoder from eight threads, in a process of its own: in a heap of one size that is in memory from the
 * start, what is resident grows only by what is not the heap's.
 */
final class ManyCalls {

    static final int CALLS = 10_000;
    static final int WARM_UP = 2_000;

    private static final int THREADS = 8;
    private static final int SIDE = 112;
    private static final int GREYS = 64;
    private static final float NEAR = 1e-4f;

    private ManyCalls() {}

    /**
     * Takes a model and a file, to which it writes how many bytes are resident after the warm-up and after the calls.
     *
     * @throws IllegalStateException if a thread got other numbers than it gets alone
     */
    public static void main(String[] args) throws Exception {
        float[][] pixels = new float[GREYS][SIDE * SIDE * 3];
        try (var encoder = VisionEncoder.load(Path.of(args[0]))) {
            float[] alone = new float[GREYS];
            for (int i = 0; i < GREYS; i++) {
                Arrays.fill(pixels[i], i / (float) GREYS);
                alone[i] = feature(encoder, pixels[i]);
            }
            if (Math.abs(alone[1] - alone[GREYS - 1]) < 100 * NEAR) {
                throw new IllegalStateException("two greys have the same feature " + alone[1]);
            }
            call(encoder, WARM_UP, pixels, alone);
            long before = residentBytes();
            call(encoder, CALLS, pixels, alone);
            Files.writeString(Path.of(args[1]), before + " " + residentBytes());
        }
    }

    private static void call(VisionEncoder encoder, int calls, float[][] pixels, float[] alone) throws Exception {
        var threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Float>> jobs = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                float[] grey = pixels[i % GREYS];
                jobs.add(() -> feature(encoder, grey));
            }
            List<Future<Float>> results = threads.invokeAll(jobs);
            for (int i = 0; i < calls; i++) {
                float found = results.get(i).get();
                if (!(Math.abs(found - alone[i % GREYS]) <= NEAR)) {
                    throw new IllegalStateException("call " + i + " gave " + found + ", alone " + alone[i % GREYS]);
                }
            }
        } finally {
            threads.shutdown();
        }
    }

    /** One number of a patch of a grey image. */
    private static float feature(VisionEncoder encoder, float[] pixels) {
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
