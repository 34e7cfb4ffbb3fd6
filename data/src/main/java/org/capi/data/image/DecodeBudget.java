package org.capi.data.image;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;

/**
 * Bounds the memory that decoding takes: an image that alone takes too much is refused by what its file says, and threads
 * decode many small images at once, but large ones only in turn.
 */
final class DecodeBudget {

    private static final long SMALL = 1L << 22; // pixels, 12 MB
    private static final int TOTAL = 1 << 27; // pixels, 400 MB

    private static final long MAX_BYTES = 1L << 29; // of the image that Pillow takes at most, in RGB
    private static final long MAX_SCANNED = 1L << 31; // twelve scans over the largest image

    private final Semaphore free = new Semaphore(TOTAL, true);

    /** What is done with an image while it is decoded. */
    @FunctionalInterface
    interface Work<T> {

        T run() throws IOException;
    }

    /**
     * Refuses an image that is cut off, or takes more memory to decode than the largest one does in RGB.
     *
     * @param maxPixels the most pixels of an image
     * @return the bytes that are allocated to decode it
     */
    static long check(ByteBuffer image, ImageHeader header, long maxPixels) throws IOException {
        long bytes;
        try {
            bytes = decodedBytes(image, header);
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IOException("cannot be decoded: the " + header.format().label() + " is cut off", e);
        }
        long most = Math.max(MAX_BYTES, 3 * maxPixels);
        if (bytes > most) {
            throw new IOException("too large: decoding its " + header.pixels() + " pixels takes " + bytes / 1_000_000
                    + " MB, at most " + most / 1_000_000 + " MB are taken");
        }
        return bytes;
    }

    private static long decodedBytes(ByteBuffer image, ImageHeader header) throws IOException {
        return switch (header.format()) {
            case JPEG -> JpegHeader.coefficientBytes(image, MAX_SCANNED);
            case PNG, BMP -> 3 * header.pixels();
            case GIF -> {
                GifHeader gif = GifHeader.read(image);
                gif.requireWhole(image);
                yield 4L * gif.frame().height() * gif.frame().width();
            }
            case WEBP -> 4 * header.pixels();
            case TIFF -> {
                TiffDirectory directory = TiffDirectory.read(image);
                directory.requireWhole();
                yield directory.decodedBytes(header.pixels());
            }
        };
    }

    /** Waits until an image of so many pixels may be decoded, and does it. */
    <T> T spend(long pixels, Work<T> work) throws IOException {
        if (pixels <= SMALL) {
            return work.run();
        }
        int share = (int) Math.min(TOTAL, pixels);
        free.acquireUninterruptibly(share);
        try {
            return work.run();
        } finally {
            free.release(share);
        }
    }
}
