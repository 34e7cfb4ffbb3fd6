package org.capi.data.image;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** Walks the segments of a JPEG: marker, length, content. */
final class JpegHeader {

    private static final int APP1 = 0xE1;
    private static final int START_OF_SCAN = 0xDA;
    private static final int END_OF_IMAGE = 0xD9;
    private static final int PROGRESSIVE = 0xC2;
    private static final int PROGRESSIVE_ARITHMETIC = 0xCA;
    private static final String EXIF = "Exif";
    private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";

    private JpegHeader() {}

    /** Reads up to the frame header, keeping the EXIF and XMP data on the way. */
    static ImageHeader read(ByteBuffer bytes) throws IOException {
        ByteBuffer exif = null;
        ByteBuffer xmp = null;
        bytes.position(2);
        while (true) {
            int marker = nextMarker(bytes);
            if (marker == END_OF_IMAGE || marker == START_OF_SCAN) {
                throw new IOException("not a sound JPEG: no frame header before the image data");
            }
            int length = Short.toUnsignedInt(bytes.getShort()) - Short.BYTES;
            if (isFrame(marker)) {
                bytes.get(); // bits per sample
                int height = Short.toUnsignedInt(bytes.getShort());
                int width = Short.toUnsignedInt(bytes.getShort());
                return ImageHeader.ofStored(ImageHeader.Format.JPEG, height, width, Orientation.of(exif, xmp));
            }
            ByteBuffer segment = segment(bytes, length);
            if (marker == APP1 && exif == null && ImageHeader.startsWith(segment, EXIF)) {
                exif = segment;
            } else if (marker == APP1 && ImageHeader.startsWith(segment, XMP)) {
                xmp = segment;
            }
        }
    }

    /**
     * The bytes of all coefficients, which a decoder keeps of a JPEG that comes in several scans over the image; 0 of
     * one that comes in one. A JPEG with too many scans for its size is refused: a scan of a few bytes takes the time
     * of a pass over all coefficients.
     *
     * @param maxScanned the most pixels that all scans together may go over
     */
    static long coefficientBytes(ByteBuffer encoded, long maxScanned) throws IOException {
        ByteBuffer bytes = encoded.slice();
        long pixels = 0;
        long coefficientBytes = 0;
        boolean severalScans = false;
        int components = 0;
        long scans = 0;
        bytes.position(2);
        while (true) {
            int marker = nextMarkerOrEnd(bytes);
            if (marker == END_OF_IMAGE) {
                return severalScans ? coefficientBytes : 0;
            }
            ByteBuffer segment = segment(bytes, Short.toUnsignedInt(bytes.getShort()) - Short.BYTES);
            if (isFrame(marker)) {
                severalScans = marker == PROGRESSIVE || marker == PROGRESSIVE_ARITHMETIC;
                pixels = Short.toUnsignedLong(segment.getShort(1)) * Short.toUnsignedInt(segment.getShort(3));
                components = Byte.toUnsignedInt(segment.get(5));
                coefficientBytes = Short.BYTES * coefficients(segment, components, pixels);
            } else if (marker == START_OF_SCAN) {
                scans++;
                severalScans |= Byte.toUnsignedInt(segment.get(0)) < components;
                if (!severalScans) {
                    return 0;
                }
                if (scans * pixels > maxScanned) {
                    throw new IOException("too many scans: the JPEG goes more than " + maxScanned / pixels
                            + " times over its " + pixels + " pixels");
                }
            }
        }
    }

    /** The number of coefficients of all components, which may be subsampled. */
    private static long coefficients(ByteBuffer frame, int components, long pixels) {
        int across = 1;
        int down = 1;
        long blocks = 0;
        for (int i = 0; i < components; i++) {
            int sampling = frame.get(7 + 3 * i);
            across = Math.max(across, sampling >> 4 & 15);
            down = Math.max(down, sampling & 15);
            blocks += (long) (sampling >> 4 & 15) * (sampling & 15);
        }
        return pixels * blocks / ((long) across * down);
    }

    private static boolean isFrame(int marker) {
        return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    }

    private static ByteBuffer segment(ByteBuffer bytes, int length) {
        if (length < 0 || bytes.remaining() < length) {
            throw new BufferUnderflowException();
        }
        ByteBuffer segment = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return segment;
    }

    private static int nextMarkerOrEnd(ByteBuffer bytes) {
        try {
            return nextMarker(bytes);
        } catch (BufferUnderflowException e) {
            return END_OF_IMAGE;
        }
    }

    /** The next marker with a segment; skips scan data, fill bytes and junk between segments, as decoders do. */
    private static int nextMarker(ByteBuffer bytes) {
        while (true) {
            if (bytes.get() == (byte) 0xFF) {
                int marker = 0xFF;
                while (marker == 0xFF) {
                    marker = Byte.toUnsignedInt(bytes.get());
                }
                if (marker > 0x01 && (marker < 0xD0 || marker > 0xD8)) {
                    return marker;
                }
            }
        }
    }
}
