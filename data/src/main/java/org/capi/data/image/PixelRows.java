package org.capi.data.image;

import java.nio.ByteBuffer;

/** Decoded RGB pixels, wherever they are stored, read row by row. */
interface PixelRows extends AutoCloseable {

    int CHANNELS = 3;

    int height();

    int width();

    /** Copies the pixels {@code left} to {@code left + width} of a row to the start of an array. */
    void read(int row, int left, int width, byte[] into);

    @Override
    void close();

    default Pixels copy() {
        byte[] line = new byte[width() * CHANNELS];
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(height(), line.length));
        for (int row = 0; row < height(); row++) {
            read(row, 0, width(), line);
            bytes.put(line);
        }
        return new Pixels(bytes.flip(), height(), width(), CHANNELS);
    }

    static PixelRows of(Pixels image) {
        return new InMemory(image, image.height(), image.width());
    }

    record InMemory(Pixels image, int height, int width) implements PixelRows {

        @Override
        public void read(int row, int left, int columns, byte[] into) {
            image.bytes().get((row * width + left) * CHANNELS, into, 0, columns * CHANNELS);
        }

        @Override
        public void close() {}
    }

    /** A window of decoded pixels; closing it closes them. */
    record Window(PixelRows image, CropBox box) implements PixelRows {

        @Override
        public int height() {
            return box.height();
        }

        @Override
        public int width() {
            return box.width();
        }

        @Override
        public void read(int row, int left, int width, byte[] into) {
            image.read(box.top() + row, box.left() + left, width, into);
        }

        @Override
        public void close() {
            image.close();
        }
    }

    /** A canvas of one colour (red, green, blue) with an image at a box of it; closing it closes the image. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Canvas(PixelRows image, CropBox box, int height, int width, byte[] colour) implements PixelRows {

        /** An image on its canvas; itself where it covers it. */
        static PixelRows of(PixelRows image, CropBox box, int height, int width, byte[] colour) {
            boolean covered = box.height() == height && box.width() == width;
            return covered ? image : new Canvas(image, box, height, width, colour);
        }

        @Override
        public void read(int row, int left, int columns, byte[] into) {
            for (int i = 0; i < columns * CHANNELS; i++) {
                into[i] = colour[i % CHANNELS];
            }
            int from = Math.max(left, box.left());
            int count = Math.min(left + columns, box.left() + box.width()) - from;
            if (row < box.top() || row >= box.top() + box.height() || count < 1) {
                return;
            }
            byte[] line = new byte[count * CHANNELS];
            image.read(row - box.top(), from - box.left(), count, line);
            System.arraycopy(line, 0, into, (from - left) * CHANNELS, line.length);
        }

        @Override
        public void close() {
            image.close();
        }
    }
}
