package org.capi.savedmodels.interop;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.capi.savedmodels.Features;
import org.capi.savedmodels.VisionEncoder;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * Encodes seeded noise in several batch and image sizes and writes images and outputs as {@code .npy} files; likewise
 * drawn image files of several kinds and sizes.
 */
public final class DumpOutputs {

    private static final int USUAL_PATCH_SIZE = 16;
    private static final long SEED = 1;

    /** Images of a batch, and the patches of one image from top to bottom and from left to right. */
    private record Case(int batch, int rows, int columns) {}

    private static final List<Case> CASES = List.of(new Case(1, 4, 4), new Case(3, 6, 4), new Case(2, 5, 9));

    /** Wide, tall, grey, and smaller than what is cut out. */
    private static final List<DrawnFile> DRAWN = List.of(
            new DrawnFile("png", 320, 213, BufferedImage.TYPE_3BYTE_BGR),
            new DrawnFile("jpg", 201, 402, BufferedImage.TYPE_3BYTE_BGR),
            new DrawnFile("png", 97, 90, BufferedImage.TYPE_BYTE_GRAY),
            new DrawnFile("jpg", 40, 31, BufferedImage.TYPE_3BYTE_BGR));

    private DumpOutputs() {}

    /**
     * {@code MODEL OUT}: writes {@code OUT/case-0/images.npy} and the outputs next to it, and so on; and {@code
     * OUT/files/image-0.png} and so on with the outputs of all of them.
     */
    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            throw new IllegalArgumentException("usage: DumpOutputs MODEL OUT");
        }
        dump(Path.of(args[0]), Path.of(args[1]));
    }

    static void dump(Path model, Path out) throws IOException {
        try (VisionEncoder encoder = VisionEncoder.load(model)) {
            int patch = encoder.patchSize().orElse(USUAL_PATCH_SIZE);
            for (int c = 0; c < CASES.size(); c++) {
                Case size = CASES.get(c);
                var shape = Shape.of(size.batch, (long) size.rows * patch, (long) size.columns * patch, 3);
                dump(encoder, noise(shape, SEED + c), Files.createDirectories(out.resolve("case-" + c)));
            }
            dumpFiles(encoder, Files.createDirectories(out.resolve("files")));
        }
    }

    private static void dumpFiles(VisionEncoder encoder, Path folder) throws IOException {
        List<byte[]> files = new ArrayList<>();
        for (DrawnFile file : DRAWN) {
            byte[] bytes = file.bytes();
            Files.write(folder.resolve("image-" + files.size() + "." + file.format()), bytes);
            files.add(bytes);
        }
        write(encoder.encodeFiles(files), folder);
    }

    private static void write(Features features, Path folder) throws IOException {
        NpyFile.write(folder.resolve(VisionEncoder.GLOBAL + ".npy"), features.global());
        NpyFile.write(folder.resolve(VisionEncoder.REGISTERS + ".npy"), features.registers());
        NpyFile.write(folder.resolve(VisionEncoder.FEATURE_MAP + ".npy"), features.featureMap());
    }

    private static void dump(VisionEncoder encoder, TFloat32 images, Path folder) throws IOException {
        try (images) {
            NpyFile.write(folder.resolve(VisionEncoder.IMAGES + ".npy"), images);
            write(encoder.encode(images), folder);
        }
    }

    private static TFloat32 noise(Shape shape, long seed) {
        var random = new SplittableRandom(seed);
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(256) / 255f;
        }
        return TFloat32.tensorOf(shape, DataBuffers.of(values, false, false));
    }
}
