package org.capi.data.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Writes PNG files of 8 bits, grey or RGB, and reads the size of a PNG and its orientation from chunks of EXIF or XMP
 * data, which may stand after the pixels.
 */
public final class Png {

    private static final long SIGNATURE = 0x89504E470D0A1A0AL;
    private static final int IHDR = 0x49484452;
    private static final int IDAT = 0x49444154;
    private static final int IEND = 0x49454E44;
    private static final int EXIF = 0x65584966; // "eXIf"
    private static final int PROFILE = 0x69434350; // "iCCP"
    private static final int TEXT = 0x74455874; // "tEXt"
    private static final int COMPRESSED_TEXT = 0x7A545874; // "zTXt"
    private static final int INTERNATIONAL_TEXT = 0x69545874; // "iTXt"
    private static final int ANCILLARY = 0x20000000; // the first letter of a chunk's name is small

    private static final int FIRST_CHUNK = 8;
    private static final int HEADER_BYTES = 13;
    private static final int AROUND_DATA = 12; // length, name and checksum
    private static final int MAX_TEXT = 1 << 20; // bytes of inflated text, as in Pillow
    private static final String XMP_KEYWORD = "XML:com.adobe.xmp\0";
    private static final String EXIF_KEYWORD = "Raw profile type exif\0"; // as ImageMagick writes it

    static final int GREY = 0;
    private static final int RGB = 2;
    private static final int SUB = 1; // the row filter: each byte minus the one a pixel to the left

    private Png() {}

    /**
     * The file of an image with one channel (grey) or three (RGB). Its bytes become part of datasets: never change
     * them.
     */
    public static byte[] encode(Pixels image) {
        if (image.channels() != 1 && image.channels() != 3) {
            throw new IllegalArgumentException("a PNG is written with 1 or 3 channels, not " + image.channels());
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header.putInt(image.width()).putInt(image.height()).put((byte) 8);
        header.put((byte) (image.channels() == 1 ? GREY : RGB));
        var file = new ByteArrayOutputStream();
        file.writeBytes(ByteBuffer.allocate(FIRST_CHUNK).putLong(SIGNATURE).array());
        writeChunk(file, IHDR, header.array());
        writeChunk(file, IDAT, deflate(filtered(image)));
        writeChunk(file, IEND, new byte[0]);
        return file.toByteArray();
    }

    private static byte[] filtered(Pixels image) {
        int channels = image.channels();
        int rowBytes = image.width() * channels;
        byte[] bytes = image.toArray();
        byte[] rows = new byte[image.height() * (rowBytes + 1)];
        for (int row = 0; row < image.height(); row++) {
            int to = row * (rowBytes + 1);
            int from = row * rowBytes;
            rows[to] = SUB;
            for (int i = 0; i < rowBytes; i++) {
                int left = i < channels ? 0 : bytes[from + i - channels];
                rows[to + 1 + i] = (byte) (bytes[from + i] - left);
            }
        }
        return rows;
    }

    private static byte[] deflate(byte[] rows) {
        var deflater = new Deflater(Deflater.BEST_SPEED);
        try {
            deflater.setInput(rows);
            deflater.finish();
            var packed = new ByteArrayOutputStream(rows.length / 2);
            byte[] buffer = new byte[1 << 14];
            while (!deflater.finished()) {
                packed.write(buffer, 0, deflater.deflate(buffer));
            }
            return packed.toByteArray();
        } finally {
            deflater.end();
        }
    }

    private static void writeChunk(ByteArrayOutputStream file, int name, byte[] content) {
        ByteBuffer chunk = ByteBuffer.allocate(content.length + AROUND_DATA);
        chunk.putInt(content.length).putInt(name).put(content);
        var crc = new CRC32();
        crc.update(chunk.array(), Integer.BYTES, content.length + Integer.BYTES);
        file.writeBytes(chunk.putInt((int) crc.getValue()).array());
    }

    static ImageHeader readHeader(ByteBuffer bytes) throws IOException {
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
                xmp = ImageHeader.startsWith(content, XMP_KEYWORD) ? internationalText(content) : xmp;
            } else if (ImageHeader.startsWith(content, EXIF_KEYWORD)) {
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

    /** The inflated text, as far as it is sound, up to a limit. */
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

    private static ByteBuffer from(ByteBuffer content, int at) {
        int start = Math.min(at, content.limit());
        return content.slice(start, content.limit() - start);
    }

    private static byte[] copy(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    /**
     * A PNG file without the chunks that tell how to show it, its checksums verified.
     *
     * @param file the signature, header, palette, pixels and end: what a decoder of raw values needs
     * @param bits of a sample: 1, 2, 4, 8 or 16
     * @param colours the colour type of the PNG format, such as {@link #GREY}
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Critical(byte[] file, int height, int width, int bits, int colours) {

        /** Reads the chunks; what is no PNG, or a damaged one, is refused. */
        static Critical read(ByteBuffer encoded) throws IOException {
            ByteBuffer bytes = encoded.slice();
            if (!bytes.hasRemaining()) {
                throw new IOException("the file is empty");
            }
            if (bytes.remaining() < FIRST_CHUNK || bytes.getLong() != SIGNATURE) {
                throw new IOException("the file is not a PNG");
            }
            if (bytes.remaining() < HEADER_BYTES + AROUND_DATA
                    || bytes.getInt(8) != HEADER_BYTES
                    || bytes.getInt(12) != IHDR) {
                throw new IOException("the PNG has no sound header");
            }
            var kept = new ByteArrayOutputStream(bytes.capacity());
            kept.writeBytes(copy(bytes.slice(0, FIRST_CHUNK)));
            int name;
            do {
                ByteBuffer chunk = chunk(bytes);
                name = chunk.getInt(4);
                if ((name & ANCILLARY) == 0) {
                    kept.writeBytes(copy(chunk));
                }
            } while (name != IEND);
            return new Critical(kept.toByteArray(), bytes.getInt(20), bytes.getInt(16), bytes.get(24), bytes.get(25));
        }

        private static ByteBuffer chunk(ByteBuffer bytes) throws IOException {
            int start = bytes.position();
            long length = bytes.remaining() < AROUND_DATA ? 0 : Integer.toUnsignedLong(bytes.getInt(start));
            if (bytes.remaining() < AROUND_DATA + length) {
                throw new IOException("the PNG is cut off at byte " + bytes.limit());
            }
            ByteBuffer chunk = bytes.slice(start, (int) length + AROUND_DATA);
            var crc = new CRC32();
            crc.update(chunk.slice(4, (int) length + 4));
            if ((int) crc.getValue() != chunk.getInt((int) length + 8)) {
                throw new IOException("the PNG is damaged: the chunk at byte " + start + " has a wrong checksum");
            }
            bytes.position(start + chunk.capacity());
            return chunk;
        }
    }
}
