package org.capi.eval.features;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.ImageDatasetWriter;
import org.capi.data.arrow.ImageRecord;

/** A dataset of two classes, reddish and bluish squares. */
public final class Colours {

    private static final int SIDE = 24;

    private Colours() {}

    /** Writes so many images; every {@code unlabelledEvery}th has no label. */
    public static void write(Path folder, int images, int unlabelledEvery) throws IOException {
        try (var writer = ImageDatasetWriter.create(folder)) {
            for (int i = 0; i < images; i++) {
                boolean red = i % 2 == 0;
                var png = ByteBuffer.wrap(square(red ? new Color(200, 20, i) : new Color(i, 30, 220)));
                int label = (i + 1) % unlabelledEvery == 0 ? ImageRecord.UNLABELLED : red ? 1 : 0;
                writer.add(new ImageRecord("image-" + i, png, label, null, SIDE, SIDE));
            }
            writer.finish("test", List.of("blue", "red"), DatasetInfo.Skipped.NONE);
        }
    }

    private static byte[] square(Color colour) throws IOException {
        var image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < SIDE * SIDE; i++) {
            image.setRGB(i % SIDE, i / SIDE, colour.getRGB());
        }
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }
}
