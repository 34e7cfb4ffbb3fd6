package org.capi.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import javax.imageio.ImageIO;
import org.capi.data.image.Pixels;
import org.capi.data.image.Png;

/** Small encoded images for tests. */
public final class TestImages {

    private TestImages() {}

    /** An image whose pixels differ from each other and from those of other seeds. */
    public static Pixels pixels(int height, int width, long seed) {
        byte[] bytes = new byte[height * width * 3];
        var random = CounterRandom.of(seed);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) random.below(256);
        }
        return new Pixels(ByteBuffer.wrap(bytes), height, width, 3);
    }

    /** {@link #pixels} as a PNG. */
    public static byte[] png(int height, int width, long seed) {
        return Png.encode(pixels(height, width, seed));
    }

    /** A smooth image as a JPEG. */
    public static byte[] jpeg(int height, int width) {
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, (x * 255 / width) << 16 | (y * 255 / height) << 8 | 128);
            }
        }
        var bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "jpeg", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
