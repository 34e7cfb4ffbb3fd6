package org.capi.data;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;

/**
 * Label maps as other tools write them: pixel {@code (row, column)} has the value {@code (row * width + column) %
 * values}.
 */
public final class TestLabelMaps {

    private TestLabelMaps() {}

    /** Indices of a palette of vivid colours, as in PASCAL VOC; {@code bits} is 1, 2, 4 or 8. */
    public static byte[] palette(int height, int width, int bits, int values) {
        int size = 1 << bits;
        byte[][] colours = new byte[3][size];
        for (int i = 0; i < size; i++) {
            colours[0][i] = (byte) (255 - 37 * i);
            colours[1][i] = (byte) (91 * i);
            colours[2][i] = (byte) (17 + 53 * i);
        }
        var model = new IndexColorModel(bits, size, colours[0], colours[1], colours[2]);
        int type = bits == 8 ? BufferedImage.TYPE_BYTE_INDEXED : BufferedImage.TYPE_BYTE_BINARY;
        return png(new BufferedImage(width, height, type, model), values);
    }

    /** Grey values of 1, 2, 4, 8 or 16 bits. */
    public static byte[] grey(int height, int width, int bits, int values) {
        int type = bits == 16 ? DataBuffer.TYPE_USHORT : DataBuffer.TYPE_BYTE;
        return png(ImageTypeSpecifier.createGrayscale(bits, type, false).createBufferedImage(width, height), values);
    }

    /** Grey values of 8 bits with an alpha channel. */
    public static byte[] greyAlpha(int height, int width, int values) {
        return png(
                ImageTypeSpecifier.createGrayscale(8, DataBuffer.TYPE_BYTE, false, false)
                        .createBufferedImage(width, height),
                values);
    }

    /** The same value as red, green and blue. */
    public static byte[] rgb(int height, int width, int values) {
        return png(new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR), values);
    }

    /** A PNG with another chunk after its header. */
    public static byte[] withChunk(byte[] png, String type, byte... content) {
        byte[] typeAndContent = ByteBuffer.allocate(4 + content.length)
                .put(type.getBytes(StandardCharsets.US_ASCII))
                .put(content)
                .array();
        var crc = new CRC32();
        crc.update(typeAndContent);
        return ByteBuffer.allocate(png.length + 8 + typeAndContent.length)
                .put(png, 0, 33)
                .putInt(content.length)
                .put(typeAndContent)
                .putInt((int) crc.getValue())
                .put(png, 33, png.length - 33)
                .array();
    }

    private static byte[] png(BufferedImage image, int values) {
        var raster = image.getRaster();
        for (int row = 0; row < image.getHeight(); row++) {
            for (int column = 0; column < image.getWidth(); column++) {
                for (int band = 0; band < raster.getNumBands(); band++) {
                    boolean alpha = band > 0 && band == raster.getNumBands() - 1 && band != 2;
                    raster.setSample(column, row, band, alpha ? 200 : (row * image.getWidth() + column) % values);
                }
            }
        }
        var bytes = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, "png", bytes)) {
                throw new IllegalStateException("no writer takes " + image);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }
}
