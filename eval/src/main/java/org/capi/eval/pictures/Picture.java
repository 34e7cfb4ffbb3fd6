package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.IntBinaryOperator;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.capi.data.image.Pixels;

/** Images to look at: made of pixels, labels or a function, enlarged, shrunk, and written as PNG. */
public final class Picture {

    private static final int LABELS = 256;

    private Picture() {}

    /** An image of values 0 to 255. */
    public static BufferedImage of(Pixels pixels) {
        return drawn(
                pixels.width(),
                pixels.height(),
                (row, column) ->
                        colour(pixels.at(row, column, 0), pixels.at(row, column, 1), pixels.at(row, column, 2)));
    }

    /**
     * A label map, row by row, as a square picture with a palette: its values stay labels, and are shown in colours.
     */
    public static BufferedImage square(byte[] labels) {
        int side = (int) Math.round(Math.sqrt(labels.length));
        int[] colours = IntStream.range(0, LABELS).map(Palette::of).toArray();
        var palette = new IndexColorModel(Byte.SIZE, LABELS, colours, 0, false, -1, DataBuffer.TYPE_BYTE);
        var picture = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_INDEXED, palette);
        picture.getRaster().setDataElements(0, 0, side, side, labels);
        return picture;
    }

    /** Every pixel as a block, the image stretched to a square; each dot takes the pixel that its centre falls on. */
    public static BufferedImage enlarged(BufferedImage small, int side) {
        return drawn(
                side,
                side,
                (row, column) -> small.getRGB(
                        (2 * column + 1) * small.getWidth() / (2 * side),
                        (2 * row + 1) * small.getHeight() / (2 * side)));
    }

    /** The image shrunk or stretched to a square; pixels that share a dot are averaged. */
    public static BufferedImage shrunk(BufferedImage large, int side) {
        if (large.getWidth() <= side || large.getHeight() <= side) {
            return enlarged(large, side);
        }
        return drawn(
                side,
                side,
                (row, column) -> mean(
                        large,
                        column * large.getWidth() / side,
                        row * large.getHeight() / side,
                        (column + 1) * large.getWidth() / side,
                        (row + 1) * large.getHeight() / side));
    }

    private static int mean(BufferedImage image, int left, int top, int right, int bottom) {
        int count = (right - left) * (bottom - top);
        int red = count / 2;
        int green = red;
        int blue = red;
        for (int rgb : image.getRGB(left, top, right - left, bottom - top, null, 0, right - left)) {
            red += rgb >> 16 & 0xff;
            green += rgb >> 8 & 0xff;
            blue += rgb & 0xff;
        }
        return colour(red / count, green / count, blue / count);
    }

    /** The smallest side of at least {@code min} dots in which each of {@code cells} in a row has the same width. */
    static int evenSide(int cells, int min) {
        return (min + cells - 1) / cells * cells;
    }

    /** An image whose colours are a function of row and column. */
    static BufferedImage drawn(int width, int height, IntBinaryOperator colour) {
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                image.setRGB(column, row, colour.applyAsInt(row, column));
            }
        }
        return image;
    }

    static int colour(int red, int green, int blue) {
        return red << 16 | green << 8 | blue;
    }

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
