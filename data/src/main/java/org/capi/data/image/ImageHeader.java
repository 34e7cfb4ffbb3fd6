package org.capi.data.image;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The header of an encoded image, read before anything is decoded.
 *
 * @param height the rows of the image as it is shown, which is as batches see it
 * @param width the columns of the image as it is shown
 * @param orientation what turns the stored pixels into those that are shown
 */
public record ImageHeader(Format format, int height, int width, Orientation orientation) {

    /** The default limit of an import; Pillow refuses what has more pixels. */
    public static final long MAX_PIXELS = 178_956_970;

    /** The limit of any decoding: the bytes of an array are counted by an int. */
    private static final long MAX_DECODED_PIXELS = (Integer.MAX_VALUE - 64) / 3;

    private static final int SIGNATURE_BYTES = 32;
    private static final int TIFF_WIDTH = 256;
    private static final int TIFF_HEIGHT = 257;
    private static final int TIFF_XMP = 700;
    private static final int OS2_BMP = 12;
    private static final int BMP_RGB = 0;
    private static final int BMP_BIT_FIELDS = 3; // 1 and 2 are run lengths, 4 and 5 whole JPEG and PNG files

    public enum Format {
        JPEG,
        PNG,
        GIF,
        BMP,
        WEBP,
        TIFF;

        String label() {
            return this == WEBP ? "WebP" : name();
        }
    }

    /** Reads a header; what is no image, or too large to be decoded at all, is refused. */
    public static ImageHeader read(ByteBuffer encoded) throws IOException {
        return read(encoded, MAX_DECODED_PIXELS);
    }

    /** Reads a header, refusing an image of more pixels than a limit. */
    public static ImageHeader read(ByteBuffer encoded, long maxPixels) throws IOException {
        ByteBuffer bytes = encoded.slice().order(ByteOrder.BIG_ENDIAN);
        if (!bytes.hasRemaining()) {
            throw new IOException("the file is empty");
        }
        ImageHeader header;
        try {
            header = readByFormat(bytes);
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IOException("the header is cut off", e);
        }
        if (header.height < 1 || header.width < 1) {
            throw new IOException("the header gives an impossible size: " + header.size());
        }
        long most = Math.min(maxPixels, MAX_DECODED_PIXELS);
        if (header.pixels() > most) {
            throw new IOException("too large: " + header.size() + " pixels, at most " + most + " are taken");
        }
        return header;
    }

    static ImageHeader ofStored(Format format, int height, int width, Orientation orientation) {
        return orientation.swapsAxes()
                ? new ImageHeader(format, width, height, orientation)
                : new ImageHeader(format, height, width, orientation);
    }

    /** The same image without its orientation applied, as it is used with a label map. */
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

    static boolean startsWith(ByteBuffer content, String latin1) {
        return content.limit() >= latin1.length()
                && content.slice(0, latin1.length()).equals(StandardCharsets.ISO_8859_1.encode(latin1));
    }

    private String size() {
        return storedWidth() + " x " + storedHeight();
    }

    /** The format is known by its first bytes, not by a file's name. */
    private static ImageHeader readByFormat(ByteBuffer bytes) throws IOException {
        byte[] first = new byte[Math.min(SIGNATURE_BYTES, bytes.remaining())];
        bytes.get(0, first);
        String start = new String(first, StandardCharsets.ISO_8859_1);
        if (start.startsWith("\u00FF\u00D8\u00FF")) {
            return JpegHeader.read(bytes);
        }
        if (start.startsWith("\u0089PNG")) {
            return Png.readHeader(bytes);
        }
        if (start.startsWith("GIF8")) {
            return GifHeader.read(bytes).toImageHeader();
        }
        if (start.startsWith("BM")) {
            return bmp(bytes);
        }
        if (start.startsWith("RIFF") && start.startsWith("WEBP", 8)) {
            return WebpHeader.read(bytes).toImageHeader();
        }
        if (start.startsWith("II*\0") || start.startsWith("MM\0*")) {
            TiffDirectory directory = TiffDirectory.read(bytes);
            return ofStored(
                    Format.TIFF,
                    directory.value(TIFF_HEIGHT, 0),
                    directory.value(TIFF_WIDTH, 0),
                    Orientation.of(directory, directory.content(TIFF_XMP)));
        }
        throw new IOException("not a JPEG, PNG, GIF, BMP, WebP or TIFF" + guess(start));
    }

    private static ImageHeader bmp(ByteBuffer bytes) throws IOException {
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        boolean narrow = bytes.getInt(14) == OS2_BMP;
        // A negative height only means that the rows run downwards.
        int height = narrow ? Short.toUnsignedInt(bytes.getShort(20)) : Math.abs(bytes.getInt(22));
        int width = narrow ? Short.toUnsignedInt(bytes.getShort(18)) : bytes.getInt(18);
        int bits = Short.toUnsignedInt(bytes.getShort(narrow ? 24 : 28));
        int compression = narrow ? BMP_RGB : bytes.getInt(30);
        if (compression > BMP_BIT_FIELDS || compression < BMP_RGB) {
            throw new IOException("the BMP has the compression " + compression + ", which is not decoded");
        }
        boolean compressed = compression != BMP_RGB && compression != BMP_BIT_FIELDS;
        long row = Math.multiplyFull(width, bits);
        long before = Integer.toUnsignedLong(bytes.getInt(10)) + (row + 31) / 32 * 4 * (height - 1L);
        if (!compressed && width > 0 && height > 0 && before > bytes.limit() - (row + 7) / 8) {
            throw new IOException("cannot be decoded: the BMP is cut off");
        }
        return ofStored(Format.BMP, height, width, Orientation.UPRIGHT);
    }

    /** Names what the bytes look like instead, where that helps. */
    private static String guess(String start) {
        if (start.startsWith("ftyp", 4)) {
            return start.startsWith("avi", 8) ? " but AVIF" : " but HEIF or a video";
        }
        if (start.startsWith("jP  ", 4) || start.startsWith("\u00FFO\u00FFQ")) {
            return " but JPEG 2000";
        }
        if (start.startsWith("\0\0\1\0")) {
            return " but an icon";
        }
        if (start.startsWith("version https://git-lfs")) {
            return " but a Git LFS pointer (run 'git lfs pull')";
        }
        return start.stripLeading().startsWith("<") ? " but HTML, SVG or XML" : "";
    }
}
