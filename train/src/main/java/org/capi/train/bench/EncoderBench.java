package org.capi.train.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.capi.data.CounterRandom;
import org.capi.data.Progress;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.VariableFile;
import org.capi.graph.vit.VisionTransformer;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.Export;
import org.capi.savedmodels.VisionEncoder;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import picocli.CommandLine.Option;

/** Times calls of an exported encoder as an application makes them: images as floats in, three float arrays out. */
public final class EncoderBench {

    @Option(
            names = "--size",
            paramLabel = "PX",
            defaultValue = "224",
            description = "Height and width of an image in pixels.")
    private int imageSize;

    @Option(names = "--warm-up", paramLabel = "N", defaultValue = "3", description = "Calls before the measurement.")
    private int warmUp;

    @Option(names = "--calls", paramLabel = "N", defaultValue = "10", description = "Number of calls to time.")
    private int calls;

    /**
     * How long an exported encoder took for batches of one size.
     *
     * @param imageSize side of the images in pixels
     * @param imagesPerSecond at the median
     */
    public record EncoderTimes(
            int batchSize, int imageSize, int calls, double minMillis, double medianMillis, double imagesPerSecond) {

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "batch %d: %.1f ms a call ", batchSize, medianMillis)
                    + String.format(Locale.ROOT, "(median of %d, min %.1f), ", calls, minMillis)
                    + String.format(Locale.ROOT, "%.1f images/s", imagesPerSecond);
        }
    }

    /** Exports a model with its first random weights, which is as fast as a trained one, below a folder that exists. */
    public static Path exportUntrained(VitConfig config, Path folder) throws IOException {
        Path checkpoint = folder.resolve("weights");
        try (Graph graph = new Graph();
                TString prefix = TString.scalarOf(checkpoint.toString())) {
            Ops tf = Ops.create(graph);
            var params = Parameters.create(tf, TFloat32.class, 0);
            VisionTransformer.create(params, config);
            var file = VariableFile.create(
                    tf, params.list().stream().map(Parameter::variable).toList());
            try (Session session = new Session(graph)) {
                session.runner().addTarget(file.initialize()).run().close();
                session.runner()
                        .feed(file.prefix(), prefix)
                        .addTarget(file.save())
                        .run()
                        .close();
            }
        }
        Path model = folder.resolve("model");
        Export.encoder(config, checkpoint, "", Map.of("weights", "random"), model);
        return model;
    }

    /** Encodes one batch of noise again and again. */
    public EncoderTimes run(VisionEncoder encoder, int batchSize, Progress progress) {
        if (imageSize < 1 || warmUp < 0 || calls < 1) {
            throw new IllegalArgumentException(
                    "the side of images and the calls must be at least 1, the warm-up at least 0, were " + imageSize
                            + ", " + calls + " and " + warmUp);
        }
        try (TFloat32 images = noise(batchSize)) {
            double[] seconds = StepBench.seconds(warmUp, calls, progress, () -> encoder.encode(images));
            double median = seconds[calls / 2];
            return new EncoderTimes(batchSize, imageSize, calls, 1e3 * seconds[0], 1e3 * median, batchSize / median);
        }
    }

    private TFloat32 noise(int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("a batch must have at least 1 image, was " + batchSize);
        }
        var draws = CounterRandom.of(0);
        float[] pixels = new float[batchSize * imageSize * imageSize * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (draws.bits() & 255) / 255f;
        }
        return TFloat32.tensorOf(Shape.of(batchSize, imageSize, imageSize, 3), DataBuffers.of(pixels, false, false));
    }
}
