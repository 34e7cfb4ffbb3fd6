package org.capi.data.image;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
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
                return CanvasRows.of(read(reader), frame, webp.height(), webp.width(), new byte[3]);
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

    /** What a reader says of a file that it does not decode; nothing that a failure in the reader itself says. */
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
