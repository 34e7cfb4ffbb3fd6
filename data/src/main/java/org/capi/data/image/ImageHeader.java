package org.capi.data.image;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What an encoded image says of itself before anything is decoded.
 *
 * @param height the rows of the image as it is shown, which is as batches see it
 * @param width the columns of the image as it is shown
 * @param orientation what turns the stored pixels into those that are shown
 */
public record ImageHeader(Format format, int height, int width, Orientation orientation) {

    /** The most pixels that an import takes if nothing else is said; Pillow refuses what has more. */
    public static final long MAX_PIXELS = 178_956_970;

    /** The most pixels that are ever decoded: the bytes of an array are counted by an int. */
    private static final long MOST_PIXELS = (Integer.MAX_VALUE - 64) / 3;

    /** The formats that are decoded. */
    public enum Format {
        JPEG,
        PNG,
        GIF,
        BMP,
        WEBP("WebP"),
        TIFF;

        private final String label;

        Format() {
            this.label = name();
        }

        Format(String label) {
            this.label = label;
        }

        /** The name that people know it by. */
        String label() {
            return label;
        }
    }

    /** Reads a header; what is no image, or too large to be decoded at all, is refused in clear words. */
    public static ImageHeader read(ByteBuffer encoded) throws IOException {
        return read(encoded, MOST_PIXELS);
    }

    /** Reads a header, refusing an image of more pixels than a limit. */
    public static ImageHeader read(ByteBuffer encoded, long maxPixels) throws IOException {
        ByteBuffer bytes = encoded.slice().order(ByteOrder.BIG_ENDIAN);
        if (!bytes.hasRemaining()) {
            throw new IOException("the file is empty");
        }
        ImageHeader header;
        try {
            header = Signature.header(bytes);
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IOException("the header is cut off", e);
        }
        if (header.height < 1 || header.width < 1) {
            throw new IOException("the header gives an impossible size: " + header.size());
        }
        long most = Math.min(maxPixels, MOST_PIXELS);
        if (header.pixels() > most) {
            throw new IOException("too large: " + header.size() + " pixels, at most " + most + " are taken");
        }
        return header;
    }

    /** The header of an image with a given stored size. */
    static ImageHeader ofStored(Format format, int height, int width, Orientation orientation) {
        return orientation.swapsAxes()
                ? new ImageHeader(format, width, height, orientation)
                : new ImageHeader(format, height, width, orientation);
    }

    /** The same image without its orientation applied, as a label map beside it wants it. */
    public ImageHeader asStored() {
        return new ImageHeader(format, storedHeight(), storedWidth(), Orientation.UPRIGHT);
    }

    /** The rows of the encoded pixels. */
    public int storedHeight() {
        return orientation.swapsAxes() ? width : height;
    }

    /** The columns of the encoded pixels. */
    public int storedWidth() {
        return orientation.swapsAxes() ? height : width;
    }

    /** The number of pixels. */
    public long pixels() {
        return (long) height * width;
    }

    /** Refuses pixels of another size than a header's. */
    static void requireSize(int height, int width, int decodedHeight, int decodedWidth) throws IOException {
        if (decodedHeight != height || decodedWidth != width) {
            throw new IOException("the header and the content differ: " + width + " x " + height + " against "
                    + decodedWidth + " x " + decodedHeight);
        }
    }

    private String size() {
        return storedWidth() + " x " + storedHeight();
    }
}
