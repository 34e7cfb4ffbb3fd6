package org.capi.data.image;

/**
 * A canvas of one colour with an image on it; closing it closes the image.
 *
 * @param box where the image lies on the canvas
 * @param colour red, green and blue around it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record CanvasRows(PixelRows image, CropBox box, int height, int width, byte[] colour) implements PixelRows {

    /** An image on its canvas; itself where it covers it. */
    static PixelRows of(PixelRows image, CropBox box, int height, int width, byte[] colour) {
        boolean covered = box.height() == height && box.width() == width;
        return covered ? image : new CanvasRows(image, box, height, width, colour);
    }

    @Override
    public void read(int row, int left, int width, byte[] into) {
        for (int i = 0; i < width * CHANNELS; i++) {
            into[i] = colour[i % CHANNELS];
        }
        int from = Math.max(left, box.left());
        int count = Math.min(left + width, box.left() + box.width()) - from;
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
