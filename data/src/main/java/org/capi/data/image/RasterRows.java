package org.capi.data.image;

import java.awt.color.ColorSpace;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.SampleModel;
import java.io.IOException;

/**
 * RGB rows of a decoded raster of whole numbers, by its values alone: Java's own conversion would apply a gamma to grey.
 * Values of more or less than 8 bits are scaled; alpha is dropped.
 */
final class RasterRows implements PixelRows {

    /** What the bands of a pixel are. */
    private enum Bands {
        PALETTE,
        GREY,
        RGB,
        CMYK
    }

    private final Raster raster;
    private final ColorModel colors;
    private final Bands bands;
    private final int[] samples;

    private RasterRows(Raster raster, ColorModel colors, Bands bands) {
        this.raster = raster;
        this.colors = colors;
        this.bands = bands;
        this.samples = new int[raster.getWidth() * raster.getNumBands()];
    }

    static RasterRows of(Raster raster, ColorModel colors) throws IOException {
        return new RasterRows(raster, colors, bands(colors));
    }

    @Override
    public int height() {
        return raster.getHeight();
    }

    @Override
    public int width() {
        return raster.getWidth();
    }

    @Override
    public void read(int row, int left, int width, byte[] into) {
        raster.getPixels(raster.getMinX() + left, raster.getMinY() + row, width, 1, samples);
        int count = raster.getNumBands();
        if (bands != Bands.PALETTE) {
            scale(width * count);
        }
        for (int column = 0; column < width; column++) {
            put(column * count, into, column * CHANNELS);
        }
    }

    @Override
    public void close() {}

    private void put(int at, byte[] into, int to) {
        switch (bands) {
            case PALETTE -> {
                into[to] = (byte) colors.getRed(samples[at]);
                into[to + 1] = (byte) colors.getGreen(samples[at]);
                into[to + 2] = (byte) colors.getBlue(samples[at]);
            }
            case CMYK -> {
                int light = 255 - samples[at + 3];
                for (int channel = 0; channel < CHANNELS; channel++) {
                    into[to + channel] = (byte) (light - (samples[at + channel] * light + 127) / 255);
                }
            }
            default -> {
                for (int channel = 0; channel < CHANNELS; channel++) {
                    into[to + channel] = (byte) samples[bands == Bands.GREY ? at : at + channel];
                }
            }
        }
    }

    /** Brings samples to 0..255. */
    private void scale(int count) {
        SampleModel model = raster.getSampleModel();
        int perPixel = model.getNumBands();
        for (int band = 0; band < perPixel; band++) {
            int bits = model.getSampleSize(band);
            if (bits == Byte.SIZE) {
                continue;
            }
            long most = (1L << bits) - 1;
            for (int i = band; i < count; i += perPixel) {
                samples[i] = (int) (((samples[i] & most) * 255 + most / 2) / most);
            }
        }
    }

    private static Bands bands(ColorModel colors) throws IOException {
        if (colors instanceof IndexColorModel) {
            return Bands.PALETTE;
        }
        return switch (colors.getColorSpace().getType()) {
            case ColorSpace.TYPE_GRAY -> Bands.GREY;
            case ColorSpace.TYPE_RGB -> Bands.RGB;
            case ColorSpace.TYPE_CMYK -> Bands.CMYK;
            default ->
                throw new IOException(
                        "the colour space " + colors.getColorSpace().getClass().getSimpleName() + " is not decoded");
        };
    }
}
