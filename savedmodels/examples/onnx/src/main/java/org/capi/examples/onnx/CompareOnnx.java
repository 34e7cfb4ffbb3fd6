package org.capi.examples.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.capi.savedmodels.Features;
import org.capi.savedmodels.VisionEncoder;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/** Runs an encoder's ONNX file in onnxruntime, and compares its outputs with the SavedModel's at several sizes. */
public final class CompareOnnx {

    private static final double TOLERANCE = 1e-5;

    /** Batch, rows and columns of patches. */
    private static final int[][] SHAPES = {{1, 1, 1}, {2, 3, 2}, {3, 2, 5}, {5, 7, 7}, {4, 1, 6}};

    private CompareOnnx() {}

    public static void main(String[] args) throws OrtException {
        if (args.length != 2) {
            System.err.println("usage: CompareOnnx MODEL FILE.onnx");
            System.exit(2);
        }
        double worst = 0;
        try (VisionEncoder encoder = VisionEncoder.load(Path.of(args[0]));
                OrtSession session = OrtEnvironment.getEnvironment().createSession(args[1])) {
            int patch = encoder.patchSize().orElseThrow();
            for (int[] shape : SHAPES) {
                long[] images = {shape[0], (long) shape[1] * patch, (long) shape[2] * patch, 3};
                float[] pixels = random(images);
                double difference = compare(encode(encoder, images, pixels), session, images, pixels);
                System.out.printf(Locale.ROOT, "%s largest difference %.1e%n", Shape.of(images), difference);
                worst = Math.max(worst, difference);
            }
        }
        if (!(worst <= TOLERANCE)) {
            System.err.println("the outputs differ by more than " + TOLERANCE);
            System.exit(1);
        }
    }

    private static Features encode(VisionEncoder encoder, long[] shape, float[] pixels) {
        try (TFloat32 images = TFloat32.tensorOf(Shape.of(shape), DataBuffers.of(pixels))) {
            return encoder.encode(images);
        }
    }

    /** The largest difference of any output, as a share of the output's largest number. */
    private static double compare(Features expected, OrtSession session, long[] shape, float[] pixels)
            throws OrtException {
        Map<String, FloatNdArray> outputs = Map.of(
                VisionEncoder.GLOBAL, expected.global(),
                VisionEncoder.REGISTERS, expected.registers(),
                VisionEncoder.FEATURE_MAP, expected.featureMap());
        double worst = 0;
        try (OnnxTensor images =
                        OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), FloatBuffer.wrap(pixels), shape);
                OrtSession.Result results = session.run(Map.of(VisionEncoder.IMAGES, images))) {
            for (var output : outputs.entrySet()) {
                OnnxTensor result = (OnnxTensor) results.get(output.getKey()).orElseThrow();
                worst = Math.max(worst, difference(output.getValue(), result));
            }
        }
        return worst;
    }

    private static double difference(FloatNdArray expected, OnnxTensor actual) {
        Shape shape = Shape.of(actual.getInfo().getShape());
        if (!shape.equals(expected.shape())) {
            throw new IllegalStateException("the shape is " + shape + ", not " + expected.shape());
        }
        float[] values = new float[Math.toIntExact(shape.size())];
        expected.copyTo(DataBuffers.of(values, false, false));
        FloatBuffer others = actual.getFloatBuffer();
        double largest = 0;
        double difference = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
            difference = Math.max(difference, Math.abs(value - others.get()));
        }
        return largest == 0 ? difference : difference / largest;
    }

    private static float[] random(long[] shape) {
        var random = new Random(7);
        float[] pixels = new float[Math.toIntExact(Shape.of(shape).size())];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextFloat();
        }
        return pixels;
    }
}
