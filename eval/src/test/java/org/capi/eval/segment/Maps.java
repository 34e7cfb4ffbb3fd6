package org.capi.eval.segment;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.ImageDatasetWriter;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.Pixels;
import org.capi.data.image.Png;
import org.jspecify.annotations.Nullable;

/** A dataset whose images are red on one side and blue on the other, with a map that says so. */
public final class Maps {

    static final int SIDE = 16;
    static final int RED = 1;
    static final int BLUE = 2;
    static final List<String> CLASSES = List.of("void", "red", "blue");

    private Maps() {}

    /** So many images, the border at a multiple of four pixels. */
    public static void write(Path folder, int images) throws IOException {
        try (var writer = ImageDatasetWriter.create(folder)) {
            for (int i = 0; i < images; i++) {
                int border = 4 * (1 + i % 3);
                writer.add(record("image-" + i, border, map(border, SIDE)));
            }
            writer.finish("test", CLASSES, DatasetInfo.Skipped.NONE);
        }
    }

    /** One image, with a map of its own. */
    static void writeOne(Path folder, byte @Nullable [] map, int mapSide, List<String> classes) throws IOException {
        try (var writer = ImageDatasetWriter.create(folder)) {
            ByteBuffer png = map == null ? null : png(map, mapSide);
            writer.add(record("odd.png", 8, png));
            writer.finish("test", classes, DatasetInfo.Skipped.NONE);
        }
    }

    private static ImageRecord record(String name, int border, @Nullable ByteBuffer map) throws IOException {
        var image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
            image.setRGB(pixel % SIDE, pixel / SIDE, pixel % SIDE < border ? 0xdc1e0a : 0x0a1edc);
        }
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return new ImageRecord(name, ByteBuffer.wrap(bytes.toByteArray()), ImageRecord.UNLABELLED, map, SIDE, SIDE);
    }

    private static ByteBuffer map(int border, int side) {
        byte[] labels = new byte[side * side];
        for (int pixel = 0; pixel < labels.length; pixel++) {
            labels[pixel] = (byte) (pixel % side < border ? RED : BLUE);
        }
        return png(labels, side);
    }

    static byte[] all(int label, int side) {
        byte[] labels = new byte[side * side];
        Arrays.fill(labels, (byte) label);
        return labels;
    }

    private static ByteBuffer png(byte[] labels, int side) {
        return ByteBuffer.wrap(Png.encode(new Pixels(ByteBuffer.wrap(labels), side, side, 1)));
    }
}
