package org.capi.data.image;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.io.ByteArrayInputStream;
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
            header.requireStored(reader.getHeight(0), reader.getWidth(0));
            return read(reader);
        } catch (IOException | RuntimeException e) {
            throw new IOException(
                    "cannot be decoded: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        } catch (OutOfMemoryError e) {
            throw new IOException(
                    "cannot be decoded: " + header.pixels() + " pixels need more memory than there is (java -Xmx)", e);
        } finally {
            reader.dispose();
        }
    }

    private static PixelRows read(ImageReader reader) throws IOException {
        ImageTypeSpecifier raw = reader.getRawImageType(0);
        if (raw != null && raw.getSampleModel().getDataType() == DataBuffer.TYPE_FLOAT) {
            return FloatRows.of(reader.readRaster(0, null));
        }
        BufferedImage decoded = reader.read(0);
        return RasterRows.of(decoded.getRaster(), decoded.getColorModel());
    }

    private static ImageReader reader(ImageHeader.Format format) throws IOException {
        return switch (format) {
            case WEBP -> new WebPImageReaderSpi().createReaderInstance(null);
            case TIFF -> new TIFFImageReaderSpi().createReaderInstance(null);
            default -> ImageIO.getImageReadersByFormatName("bmp").next();
        };
    }
}
