package org.capi.train.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.capi.data.Progress;
import org.capi.data.SeededDraws;
import org.capi.savedmodels.VisionEncoder;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * Times calls of an exported encoder, as an application makes them: images as floats in, three arrays of floats out.
 *
 * @param imageSize side of the images in pixels
 * @param warmUp calls before the clock starts
 * @param calls calls that are timed
 */
public record EncoderBench(int imageSize, int warmUp, int calls) {

    /** Checks the counts. */
    public EncoderBench {
        if (imageSize < 1 || warmUp < 0 || calls < 1) {
            throw new IllegalArgumentException(
                    "the side of images and the calls must be at least 1, the warm-up at least 0, were " + imageSize
                            + ", " + calls + " and " + warmUp);
        }
    }

    /** Encodes one batch of noise again and again. */
    public EncoderTimes run(VisionEncoder encoder, int batchSize, Progress progress) {
        try (TFloat32 images = noise(batchSize)) {
            List<Double> millis = new ArrayList<>();
            for (int i = 0; i < warmUp + calls; i++) {
                long before = System.nanoTime();
                encoder.encode(images);
                double took = (System.nanoTime() - before) / 1e6;
                if (i >= warmUp) {
                    millis.add(took);
                }
                progress.at(i + 1, warmUp + calls);
            }
            Collections.sort(millis);
            double median = millis.get(millis.size() / 2);
            return new EncoderTimes(batchSize, imageSize, calls, millis.get(0), median, 1e3 * batchSize / median);
        }
    }

    private TFloat32 noise(int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("a batch must have at least 1 image, was " + batchSize);
        }
        var draws = SeededDraws.of(0);
        float[] pixels = new float[batchSize * imageSize * imageSize * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (draws.bits() & 255) / 255f;
        }
        return TFloat32.tensorOf(Shape.of(batchSize, imageSize, imageSize, 3), DataBuffers.of(pixels, false, false));
    }
}
