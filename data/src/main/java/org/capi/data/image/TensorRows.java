package org.capi.data.image;

import org.tensorflow.Result;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.ByteDataBuffer;

/** The rows of an image that TensorFlow decoded, read from its tensor. */
final class TensorRows implements PixelRows {

    private final Result result;
    private final ByteDataBuffer bytes;
    private final int height;
    private final int width;

    /** Takes over a result whose first tensor is {@code [height, width, 3]}. */
    TensorRows(Result result) {
        this.result = result;
        Shape shape = result.get(0).shape();
        this.bytes = result.get(0).asRawTensor().data();
        this.height = Math.toIntExact(shape.get(0));
        this.width = Math.toIntExact(shape.get(1));
    }

    @Override
    public int height() {
        return height;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public void read(int row, int left, int width, byte[] into) {
        bytes.offset(((long) row * this.width + left) * CHANNELS).read(into, 0, width * CHANNELS);
    }

    @Override
    public void close() {
        result.close();
    }
}
