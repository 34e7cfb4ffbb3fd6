package org.capi.data.image;

import java.nio.ByteBuffer;

/** Decoded RGB pixels, wherever they lie, read row by row. */
interface PixelRows extends AutoCloseable {

    /** The channels of a pixel. */
    int CHANNELS = 3;

    int height();

    int width();

    /** Copies the pixels {@code left} to {@code left + width} of a row to the start of an array. */
    void read(int row, int left, int width, byte[] into);

    @Override
    void close();

    /** A copy of all of them. */
    default Pixels copy() {
        byte[] line = new byte[width() * CHANNELS];
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(height(), line.length));
        for (int row = 0; row < height(); row++) {
            read(row, 0, width(), line);
            bytes.put(line);
        }
        return new Pixels(bytes.flip(), height(), width(), CHANNELS);
    }

    /** The rows of an image that lies in memory. */
    static PixelRows of(Pixels image) {
        return new PixelRows() {
            @Override
            public int height() {
                return image.height();
            }

            @Override
            public int width() {
                return image.width();
            }

            @Override
            public void read(int row, int left, int width, byte[] into) {
                image.bytes().get((row * image.width() + left) * CHANNELS, into, 0, width * CHANNELS);
            }

            @Override
            public void close() {}
        };
    }
}
