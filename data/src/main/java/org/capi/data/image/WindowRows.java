package org.capi.data.image;

/** A window of decoded pixels; closing it closes them. */
record WindowRows(PixelRows image, CropBox box) implements PixelRows {

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
