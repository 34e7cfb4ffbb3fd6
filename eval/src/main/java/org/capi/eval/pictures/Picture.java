package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import org.capi.data.image.Pixels;

/** Small images to look at, and their enlargement. */
public final class Picture {

    private Picture() {}

    /** An image of grey levels 0 to 255. */
    public static BufferedImage of(Pixels pixels) {
        var image = new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < pixels.height(); row++) {
            for (int column = 0; column < pixels.width(); column++) {
                image.setRGB(
                        column,
                        row,
                        colour(pixels.at(row, column, 0), pixels.at(row, column, 1), pixels.at(row, column, 2)));
            }
        }
        return image;
    }

    /** Every pixel as a block, the image stretched to a square; each dot takes the pixel that its centre falls on. */
    public static BufferedImage enlarged(BufferedImage small, int side) {
        var large = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < side; row++) {
            int fromRow = (2 * row + 1) * small.getHeight() / (2 * side);
            for (int column = 0; column < side; column++) {
                int fromColumn = (2 * column + 1) * small.getWidth() / (2 * side);
                large.setRGB(column, row, small.getRGB(fromColumn, fromRow));
            }
        }
        return large;
    }

    static int colour(int red, int green, int blue) {
        return red << 16 | green << 8 | blue;
    }

    /** The image as a PNG file. */
    public static byte[] png(BufferedImage image) {
        var bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("a picture could not be encoded", e);
        }
        return bytes.toByteArray();
    }
}
