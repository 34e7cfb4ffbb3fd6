package org.capi.data.image;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** Walks the segments of a JPEG up to its frame header, noting the EXIF data on the way. */
final class JpegHeader {

    private static final int APP1 = 0xE1;
    private static final int START_OF_SCAN = 0xDA;
    private static final int END_OF_IMAGE = 0xD9;
    private static final int EXIF = 0x45786966; // "Exif"

    private JpegHeader() {}

    static ImageHeader read(ByteBuffer bytes) throws IOException {
        Orientation orientation = Orientation.UPRIGHT;
        boolean exif = false;
        bytes.position(2);
        while (true) {
            int marker = nextMarker(bytes);
            boolean standalone = marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
            if (standalone) {
                continue;
            }
            if (marker == END_OF_IMAGE || marker == START_OF_SCAN) {
                throw new IOException("not a sound JPEG: no frame header before the image data");
            }
            int length = Short.toUnsignedInt(bytes.getShort()) - Short.BYTES;
            boolean frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
            if (frame) {
                bytes.get(); // bits per sample
                int height = Short.toUnsignedInt(bytes.getShort());
                int width = Short.toUnsignedInt(bytes.getShort());
                return ImageHeader.ofStored(ImageHeader.Format.JPEG, height, width, orientation);
            }
            if (length < 0 || bytes.remaining() < length) {
                throw new BufferUnderflowException();
            }
            if (marker == APP1 && !exif && length >= Integer.BYTES && bytes.getInt(bytes.position()) == EXIF) {
                exif = true;
                orientation = Orientation.ofExif(bytes.slice(bytes.position(), length));
            }
            bytes.position(bytes.position() + length);
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
}
