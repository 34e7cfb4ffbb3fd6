package org.capi.data.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The first bytes by which formats are told apart, whatever a file's name says. */
final class Signature {

    private static final int BYTES = 32;
    private static final int TIFF_WIDTH = 256;
    private static final int TIFF_HEIGHT = 257;
    private static final int TIFF_XMP = 700;
    private static final int OS2_BMP = 12;
    private static final int BMP_RGB = 0;
    private static final int BMP_BIT_FIELDS = 3; // 1 and 2 are run lengths, 4 and 5 whole JPEG and PNG files

    private Signature() {}

    /** Reads the header of a file of any format; one that is not decoded is refused. */
    static ImageHeader header(ByteBuffer bytes) throws IOException {
        byte[] first = new byte[Math.min(BYTES, bytes.remaining())];
        bytes.get(0, first);
        String start = new String(first, StandardCharsets.ISO_8859_1);
        if (start.startsWith("\u00FF\u00D8\u00FF")) {
            return JpegHeader.read(bytes);
        }
        if (start.startsWith("\u0089PNG")) {
            return PngHeader.read(bytes);
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
            return tiff(bytes);
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
        return ImageHeader.ofStored(ImageHeader.Format.BMP, height, width, Orientation.UPRIGHT);
    }

    private static ImageHeader tiff(ByteBuffer bytes) throws IOException {
        TiffDirectory directory = TiffDirectory.read(bytes);
        return ImageHeader.ofStored(
                ImageHeader.Format.TIFF,
                directory.value(TIFF_HEIGHT, 0),
                directory.value(TIFF_WIDTH, 0),
                Orientation.of(directory, directory.content(TIFF_XMP)));
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
