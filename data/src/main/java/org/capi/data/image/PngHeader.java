package org.capi.data.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** Reads the size of a PNG, and its orientation from chunks of EXIF or XMP data, which may stand after the pixels. */
final class PngHeader {

    private static final long SIGNATURE = 0x89504E470D0A1A0AL;
    private static final int IHDR = 0x49484452;
    private static final int EXIF = 0x65584966; // "eXIf"
    private static final int PROFILE = 0x69434350; // "iCCP"
    private static final int TEXT = 0x74455874; // "tEXt"
    private static final int COMPRESSED_TEXT = 0x7A545874; // "zTXt"
    private static final int INTERNATIONAL_TEXT = 0x69545874; // "iTXt"
    private static final int FIRST_CHUNK = 8;
    private static final int AROUND_DATA = 12; // length, name and checksum
    private static final int MAX_TEXT = 1 << 20; // bytes of inflated text, as in Pillow
    private static final String XMP_KEYWORD = "XML:com.adobe.xmp\0";
    private static final String EXIF_KEYWORD = "Raw profile type exif\0"; // as ImageMagick writes it

    private PngHeader() {}

    static ImageHeader read(ByteBuffer bytes) throws IOException {
        if (bytes.getLong(0) != SIGNATURE || bytes.getInt(12) != IHDR) {
            throw new IOException("not a sound PNG: the IHDR chunk is missing");
        }
        return ImageHeader.ofStored(ImageHeader.Format.PNG, bytes.getInt(20), bytes.getInt(16), orientation(bytes));
    }

    /** A file without the chunks that a decoder would inflate though it has no use for them; itself if it has none. */
    static ByteBuffer withoutCompressedText(ByteBuffer encoded) {
        ByteBuffer bytes = encoded.slice();
        @Nullable ByteArrayOutputStream kept = null;
        int copied = 0;
        for (long at = FIRST_CHUNK; at <= bytes.limit() - AROUND_DATA; at = next(bytes, at)) {
            int name = bytes.getInt((int) at + 4);
            if (name == PROFILE || name == COMPRESSED_TEXT || name == INTERNATIONAL_TEXT) {
                kept = kept == null ? new ByteArrayOutputStream(bytes.limit()) : kept;
                kept.writeBytes(copy(bytes.slice(copied, (int) at - copied)));
                copied = (int) Math.min(bytes.limit(), next(bytes, at));
            }
        }
        if (kept == null) {
            return encoded;
        }
        kept.writeBytes(copy(bytes.slice(copied, bytes.limit() - copied)));
        return ByteBuffer.wrap(kept.toByteArray());
    }

    private static Orientation orientation(ByteBuffer bytes) {
        ByteBuffer exif = null;
        ByteBuffer exifText = null;
        ByteBuffer xmp = null;
        for (long at = FIRST_CHUNK; at <= bytes.limit() - AROUND_DATA; at = next(bytes, at)) {
            int name = bytes.getInt((int) at + 4);
            boolean metadata = name == EXIF || name == TEXT || name == COMPRESSED_TEXT || name == INTERNATIONAL_TEXT;
            if (!metadata || next(bytes, at) > bytes.limit()) {
                continue;
            }
            ByteBuffer content = bytes.slice((int) at + 8, bytes.getInt((int) at));
            if (name == EXIF) {
                exif = content;
            } else if (name == INTERNATIONAL_TEXT) {
                xmp = startsWith(content, XMP_KEYWORD) ? internationalText(content) : xmp;
            } else if (startsWith(content, EXIF_KEYWORD)) {
                int start = EXIF_KEYWORD.length();
                exifText = name == TEXT ? from(content, start) : inflated(from(content, start + 1));
            }
        }
        return Orientation.of(exif == null && exifText != null ? ofHex(exifText) : exif, xmp);
    }

    private static long next(ByteBuffer bytes, long at) {
        return at + AROUND_DATA + Integer.toUnsignedLong(bytes.getInt((int) at));
    }

    /** What follows the keyword, a flag, a method, the language and the translated keyword. */
    private static ByteBuffer internationalText(ByteBuffer content) {
        int at = XMP_KEYWORD.length();
        boolean compressed = at < content.limit() && content.get(at) != 0;
        at += 2;
        for (int text = 0; text < 2; text++) {
            while (at < content.limit() && content.get(at) != 0) {
                at++;
            }
            at++;
        }
        return compressed ? inflated(from(content, at)) : from(content, at);
    }

    /** The bytes that are written in hexadecimal digits after three line ends, broken into lines. */
    private static @Nullable ByteBuffer ofHex(ByteBuffer text) {
        String[] lines =
                StandardCharsets.ISO_8859_1.decode(text.duplicate()).toString().split("\n", 4);
        try {
            return lines.length < 4 ? null : ByteBuffer.wrap(HexFormat.of().parseHex(lines[3].replaceAll("\\s", "")));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The text that was compressed, as far as it is sound and not longer than any that is looked at. */
    private static ByteBuffer inflated(ByteBuffer compressed) {
        var inflater = new Inflater();
        byte[] text = new byte[MAX_TEXT];
        int length = 0;
        try {
            inflater.setInput(compressed);
            int count = 1;
            while (count > 0) {
                count = inflater.inflate(text, length, text.length - length);
                length += count;
            }
        } catch (DataFormatException e) {
            length = 0;
        } finally {
            inflater.end();
        }
        return ByteBuffer.wrap(text, 0, length).slice();
    }

    private static boolean startsWith(ByteBuffer content, String keyword) {
        return content.limit() >= keyword.length()
                && StandardCharsets.ISO_8859_1
                        .decode(content.slice(0, keyword.length()))
                        .toString()
                        .equals(keyword);
    }

    private static ByteBuffer from(ByteBuffer content, int at) {
        int start = Math.min(at, content.limit());
        return content.slice(start, content.limit() - start);
    }

    private static byte[] copy(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }
}
