package org.capi.data.image;

import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** The file that gives every pixel of an image its class, brought to one form: a grey PNG of 8 bits. */
public final class LabelMap {

    private static final int VALUES = 256;

    private LabelMap() {}

    /**
     * A grey PNG whose values are the classes of a label map's pixels: the values of a grey one, the indices into the
     * palette of one with a palette, the value that red, green and blue share of one in colour. A grey PNG of 8 bits
     * stays as it is.
     *
     * @param height of the image, with {@code width}, which the map must have too
     * @param ignored values that are allowed though no class has them
     * @param classes how many classes there are; 0 allows every value
     */
    public static ByteBuffer grey(ByteBuffer encoded, int height, int width, Set<Integer> ignored, int classes)
            throws IOException {
        try {
            Png.Critical png = Png.Critical.read(encoded);
            if (png.height() != height || png.width() != width) {
                throw new IOException("it has " + png.width() + " x " + png.height() + " pixels, its image " + width
                        + " x " + height);
            }
            byte[] values = new byte[Math.multiplyExact(height, width)];
            boolean[] present = read(raster(png), values);
            check(present, ignored, classes);
            boolean asItIs = png.colours() == Png.GREY && png.bits() == 8;
            return asItIs
                    ? encoded
                    : ByteBuffer.wrap(Png.encode(new Pixels(ByteBuffer.wrap(values), height, width, 1)));
        } catch (IOException e) {
            throw new IOException("unusable label map: " + e.getMessage(), e);
        }
    }

    /**
     * The values as they are stored: an index of a palette stays an index, and 1, 2 or 4 bits are not stretched to 8.
     */
    private static Raster raster(Png.Critical png) throws IOException {
        ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
        try (var input = new MemoryCacheImageInputStream(new ByteArrayInputStream(png.file()))) {
            reader.setInput(input, true, true);
            return reader.read(0).getRaster();
        } catch (IOException | RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("the PNG cannot be decoded (" + cause.getMessage() + ")", e);
        } finally {
            reader.dispose();
        }
    }

    /** Fills in the values, and returns which of the 256 are there. */
    private static boolean[] read(Raster raster, byte[] values) throws IOException {
        int width = raster.getWidth();
        int colours = raster.getNumBands() < 3 ? 1 : 3; // what follows is alpha
        int[] row = new int[width];
        int[] other = new int[width];
        boolean[] present = new boolean[VALUES];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getSamples(0, y, width, 1, 0, row);
            for (int band = 1; band < colours; band++) {
                raster.getSamples(0, y, width, 1, band, other);
                checkGrey(row, other, y);
            }
            for (int x = 0; x < width; x++) {
                if (row[x] >= VALUES) {
                    throw new IOException("the value " + row[x] + " does not fit into 8 bits");
                }
                values[y * width + x] = (byte) row[x];
                present[row[x]] = true;
            }
        }
        return present;
    }

    private static void checkGrey(int[] red, int[] other, int y) throws IOException {
        for (int x = 0; x < red.length; x++) {
            if (red[x] != other[x]) {
                throw new IOException("it has colours instead of class indices, first at column " + x + " of row " + y);
            }
        }
    }

    private static void check(boolean[] present, Set<Integer> ignored, int classes) throws IOException {
        for (int value = classes; classes > 0 && value < VALUES; value++) {
            if (present[value] && !ignored.contains(value)) {
                throw new IOException("the value " + value + " must be below " + classes
                        + ", the number of classes, or one of the ignored " + new TreeSet<>(ignored));
            }
        }
    }
}
