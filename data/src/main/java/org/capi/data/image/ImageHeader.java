package org.capi.data.image;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** What an encoded image says of itself before anything is decoded: its format and its size. */
public record ImageHeader(Format format, int height, int width) {

    /** The most pixels that are decoded: 400 MB as RGB, enough for 12000 x 9000. */
    public static final long MAX_PIXELS = 1L << 27;

    /** The formats that are decoded. */
    public enum Format {
        JPEG,
        PNG,
        GIF,
        BMP
    }

    private static final long PNG_SIGNATURE = 0x89504E470D0A1A0AL;

    /** Reads a header; what is no image, or larger than {@link #MAX_PIXELS}, is refused in clear words. */
    public static ImageHeader read(ByteBuffer encoded) throws IOException {
        ByteBuffer bytes = encoded.slice().order(ByteOrder.BIG_ENDIAN);
        if (!bytes.hasRemaining()) {
            throw new IOException("the file is empty");
        }
        ImageHeader header;
        try {
            header = parse(bytes);
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IOException("the header is cut off", e);
        }
        if (header.height < 1 || header.width < 1) {
            throw new IOException("the header gives an impossible size: " + header.width + " x " + header.height);
        }
        if ((long) header.height * header.width > MAX_PIXELS) {
            throw new IOException("too large: " + header.width + " x " + header.height + " pixels, at most "
                    + MAX_PIXELS + " are decoded");
        }
        return header;
    }

    private static ImageHeader parse(ByteBuffer bytes) throws IOException {
        int start = bytes.remaining() < 4 ? 0 : bytes.getInt(0);
        if (start >>> 8 == 0xFFD8FF) {
            return jpeg(bytes);
        }
        if (start == (int) (PNG_SIGNATURE >>> 32)) {
            if (bytes.getLong(0) != PNG_SIGNATURE || bytes.getInt(12) != 0x49484452) {
                throw new IOException("not a sound PNG: the IHDR chunk is missing");
            }
            return new ImageHeader(Format.PNG, bytes.getInt(20), bytes.getInt(16));
        }
        if (start == 0x47494638) {
            bytes.order(ByteOrder.LITTLE_ENDIAN);
            return new ImageHeader(
                    Format.GIF, Short.toUnsignedInt(bytes.getShort(8)), Short.toUnsignedInt(bytes.getShort(6)));
        }
        if (start >>> 16 == 0x424D) {
            bytes.order(ByteOrder.LITTLE_ENDIAN);
            // A negative height only means that the rows run downwards.
            return new ImageHeader(Format.BMP, Math.abs(bytes.getInt(22)), bytes.getInt(18));
        }
        throw new IOException("not a JPEG, PNG, GIF or BMP" + guess(bytes));
    }

    private static ImageHeader jpeg(ByteBuffer bytes) throws IOException {
        bytes.position(2);
        while (true) {
            int marker = nextMarker(bytes);
            boolean standalone = marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
            if (standalone) {
                continue;
            }
            if (marker == 0xD9 || marker == 0xDA) {
                throw new IOException("not a sound JPEG: no frame header before the image data");
            }
            int length = Short.toUnsignedInt(bytes.getShort());
            boolean frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
            if (frame) {
                bytes.get(); // bits per sample
                int height = Short.toUnsignedInt(bytes.getShort());
                return new ImageHeader(Format.JPEG, height, Short.toUnsignedInt(bytes.getShort()));
            }
            if (length < 2 || bytes.remaining() < length - 2) {
                throw new BufferUnderflowException();
            }
            bytes.position(bytes.position() + length - 2);
        }
    }

    /** Skips what lies between segments, as decoders do, and any fill bytes. */
    private static int nextMarker(ByteBuffer bytes) {
        while (true) {
            while (bytes.get() != (byte) 0xFF) {
                // Junk between two segments.
            }
            int marker = 0xFF;
            while (marker == 0xFF) {
                marker = Byte.toUnsignedInt(bytes.get());
            }
            if (marker != 0) {
                return marker;
            }
        }
    }

    /** Names what the bytes look like instead, where that helps. */
    private static String guess(ByteBuffer bytes) {
        byte[] start = new byte[Math.min(32, bytes.remaining())];
        bytes.get(0, start);
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) {
            return " but WebP";
        }
        if (text.startsWith("II*\0") || text.startsWith("MM\0*")) {
            return " but TIFF";
        }
        if (text.startsWith("ftyp", 4)) {
            return " but AVIF, HEIF or a video";
        }
        if (text.startsWith("version https://git-lfs")) {
            return " but a Git LFS pointer (run 'git lfs pull')";
        }
        return text.stripLeading().startsWith("<") ? " but HTML, SVG or XML" : "";
    }
}
