package org.capi.eval.features;

import java.util.List;
import org.capi.data.image.Pixels;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/** Images of one size as the tensor that encoders take: {@code [batch, height, width, 3]} in [0, 1]. */
public final class ImageBatch {

    private static final float WHITE = 255f;

    private ImageBatch() {}

    /** Copies the images into a tensor, which the caller closes. */
    public static TFloat32 of(List<Pixels> images) {
        Pixels first = images.get(0);
        int size = first.bytes().remaining();
        if ((long) images.size() * size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a batch of " + images.size() + " images of " + first.width() + " x "
                    + first.height() + " pixels is too large; give a smaller batch_size");
        }
        float[] values = new float[images.size() * size];
        for (int i = 0; i < images.size(); i++) {
            byte[] bytes = images.get(i).toArray();
            for (int j = 0; j < size; j++) {
                values[i * size + j] = Byte.toUnsignedInt(bytes[j]) / WHITE;
            }
        }
        var shape = Shape.of(images.size(), first.height(), first.width(), first.channels());
        return TFloat32.tensorOf(shape, DataBuffers.of(values, true, false));
    }
}
