package org.capi.data.image;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.SampleModel;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes the first picture of a BMP, WebP or TIFF with Java's image readers, which need no window system. */
final class ImageIoDecoder {

    private ImageIoDecoder() {}

    static PixelRows decode(ByteBuffer image, ImageHeader header) throws IOException {
        byte[] bytes = new byte[image.remaining()];
        image.get(image.position(), bytes);
        ImageReader reader = reader(header.format());
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(in);
            if (header.format() == ImageHeader.Format.WEBP) {
                WebpHeader webp = WebpHeader.read(image);
                CropBox frame = webp.frame();
                ImageHeader.requireSize(frame.height(), frame.width(), reader.getHeight(0), reader.getWidth(0));
                return PixelRows.Canvas.of(read(reader), frame, webp.height(), webp.width(), new byte[3]);
            }
            ImageHeader.requireSize(
                    header.storedHeight(), header.storedWidth(), reader.getHeight(0), reader.getWidth(0));
            return read(reader);
        } catch (IOException | RuntimeException e) {
            throw new IOException(
                    "cannot be decoded: the " + header.format().label() + " is cut off or damaged" + reason(e), e);
        } catch (OutOfMemoryError e) {
            throw new IOException(
                    "cannot be decoded: " + header.pixels() + " pixels need more memory than there is (java -Xmx)", e);
        } finally {
            reader.dispose();
        }
    }

    /** The reader's message about a file that it does not decode; not that of a failure of the reader itself. */
    private static String reason(Exception failure) {
        String message = failure.getMessage();
        if (message == null || !(failure instanceof IOException) || failure instanceof EOFException) {
            return "";
        }
        return " (" + message.lines().findFirst().orElse("") + ")";
    }

    private static PixelRows read(ImageReader reader) throws IOException {
        ImageTypeSpecifier raw = reader.getRawImageType(0);
        if (raw != null && raw.getSampleModel().getDataType() == DataBuffer.TYPE_FLOAT) {
            return FloatRaster.of(reader.readRaster(0, null));
        }
        BufferedImage decoded = reader.read(0);
        return new IntegerRows(decoded.getRaster(), decoded.getColorModel());
    }

    private static ImageReader reader(ImageHeader.Format format) throws IOException {
        return switch (format) {
            case WEBP -> new WebPImageReaderSpi().createReaderInstance(null);
            case TIFF -> new TIFFImageReaderSpi().createReaderInstance(null);
            default -> ImageIO.getImageReadersByFormatName("bmp").next();
        };
    }

    /** The rows of a raster; the garbage collector frees it. */
    private abstract static class RasterRows implements PixelRows {

        final Raster raster;

        RasterRows(Raster raster) {
            this.raster = raster;
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
        public void close() {}
    }

    /**
     * RGB rows of a raster of floating point numbers, grey or RGB: from 0 to 1, or to 255 where one is above 1. Values
     * outside are clipped, and NaN is black.
     */
    private static final class FloatRaster extends RasterRows {

        private final float scale;
        private final float[] samples;

        private FloatRaster(Raster raster, float scale) {
            super(raster);
            this.scale = scale;
            this.samples = new float[raster.getWidth() * raster.getNumBands()];
        }

        static FloatRaster of(Raster raster) {
            var rows = new FloatRaster(raster, 1);
            for (int row = 0; row < rows.height(); row++) {
                rows.read(row, 0, rows.width());
                for (float sample : rows.samples) {
                    if (sample > 1 && Float.isFinite(sample)) {
                        return rows;
                    }
                }
            }
            return new FloatRaster(raster, 255);
        }

        @Override
        public void read(int row, int left, int width, byte[] into) {
            read(row, left, width);
            int bands = raster.getNumBands();
            for (int column = 0; column < width; column++) {
                for (int channel = 0; channel < CHANNELS; channel++) {
                    float sample = samples[column * bands + (bands < CHANNELS ? 0 : channel)];
                    // The cast turns NaN into 0.
                    into[column * CHANNELS + channel] = (byte) (int) Math.max(0, Math.min(255, sample * scale + 0.5f));
                }
            }
        }

        private void read(int row, int left, int width) {
            raster.getPixels(raster.getMinX() + left, raster.getMinY() + row, width, 1, samples);
        }
    }

    /**
     * RGB rows of a decoded raster of integers, by its values alone: Java's own conversion would apply a gamma to grey.
     * Values of more or less than 8 bits are scaled; alpha is dropped.
     */
    private static final class IntegerRows extends RasterRows {

        private enum Bands {
            PALETTE,
            GREY,
            RGB,
            CMYK
        }

        private final ColorModel colors;
        private final Bands bands;
        private final int[] samples;

        IntegerRows(Raster raster, ColorModel colors) throws IOException {
            super(raster);
            this.colors = colors;
            this.bands = bands(colors);
            this.samples = new int[raster.getWidth() * raster.getNumBands()];
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
                    throw new IOException("the colour space "
                            + colors.getColorSpace().getClass().getSimpleName() + " is not decoded");
            };
        }
    }
}
