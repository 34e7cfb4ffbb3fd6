package org.capi.data.image;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads the size of a PNG, and its orientation from an EXIF chunk, which may stand after the pixels. */
final class PngHeader {

    private static final long SIGNATURE = 0x89504E470D0A1A0AL;
    private static final int IHDR = 0x49484452;
    private static final int EXIF = 0x65584966; // "eXIf"
    private static final int FIRST_CHUNK = 8;
    private static final int AROUND_DATA = 12; // length, name and checksum

    private PngHeader() {}

    static ImageHeader read(ByteBuffer bytes) throws IOException {
        if (bytes.getLong(0) != SIGNATURE || bytes.getInt(12) != IHDR) {
            throw new IOException("not a sound PNG: the IHDR chunk is missing");
        }
        return ImageHeader.ofStored(ImageHeader.Format.PNG, bytes.getInt(20), bytes.getInt(16), orientation(bytes));
    }

    private static Orientation orientation(ByteBuffer bytes) {
        long at = FIRST_CHUNK;
        while (at <= bytes.limit() - AROUND_DATA) {
            int chunk = (int) at;
            long length = Integer.toUnsignedLong(bytes.getInt(chunk));
            if (bytes.getInt(chunk + 4) == EXIF && at + AROUND_DATA + length <= bytes.limit()) {
                return Orientation.ofExif(bytes.slice(chunk + 8, (int) length));
            }
            at += AROUND_DATA + length;
        }
        return Orientation.UPRIGHT;
    }
}
