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

    /** The smallest side of at least so many dots in which each of some cells in a row is as wide as the others. */
    static int evenSide(int cells, int least) {
        return (least + cells - 1) / cells * cells;
    }

    /** The image shrunk or stretched to a square; of pixels that share a dot the mean is seen. */
    public static BufferedImage shrunk(BufferedImage large, int side) {
        if (large.getWidth() <= side || large.getHeight() <= side) {
            return enlarged(large, side);
        }
        var small = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < side; row++) {
            int top = row * large.getHeight() / side;
            int bottom = (row + 1) * large.getHeight() / side;
            for (int column = 0; column < side; column++) {
                int left = column * large.getWidth() / side;
                int right = (column + 1) * large.getWidth() / side;
                small.setRGB(column, row, mean(large, left, top, right, bottom));
            }
        }
        return small;
    }

    private static int mean(BufferedImage image, int left, int top, int right, int bottom) {
        int count = (right - left) * (bottom - top);
        int red = count / 2;
        int green = red;
        int blue = red;
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                int rgb = image.getRGB(x, y);
                red += rgb >> 16 & 0xff;
                green += rgb >> 8 & 0xff;
                blue += rgb & 0xff;
            }
        }
        return colour(red / count, green / count, blue / count);
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
