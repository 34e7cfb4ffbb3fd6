package org.capi.eval.features;

import java.util.List;
import org.capi.data.image.Pixels;
import org.capi.eval.features.Representation.FeatureShape;
import org.capi.savedmodels.Features;
import org.capi.savedmodels.VisionEncoder;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/** The outputs of an encoder for a batch of images, in any representation. */
public record EncodedBatch(Features features) {

    private static final float WHITE = 255f;

    public static EncodedBatch of(VisionEncoder encoder, List<Pixels> images) {
        try (TFloat32 batch = tensor(images)) {
            return new EncodedBatch(encoder.encode(batch));
        }
    }

    /** {@code [batch, height, width, 3]} in [0, 1]; the caller closes it. */
    private static TFloat32 tensor(List<Pixels> images) {
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

    public FeatureShape shape(Representation representation) {
        return representation.shape(features, representation.of(features)[0].length);
    }

    /** {@code [batch, dim]}, or {@code [batch, vectors, dim]} where there are several; the caller closes it. */
    public TFloat32 tensor(Representation representation) {
        float[][] rows = representation.of(features);
        FeatureShape shape = representation.shape(features, rows[0].length);
        float[] values = new float[rows.length * rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, values, i * rows[i].length, rows[i].length);
        }
        var of = representation.severalVectors()
                ? Shape.of(rows.length, shape.vectors(), shape.dim())
                : Shape.of(rows.length, shape.dim());
        return TFloat32.tensorOf(of, DataBuffers.of(values, true, false));
    }

    /** Refuses numbers that are not finite. */
    public void checkFinite(Representation representation, String whose) {
        for (float[] row : representation.of(features)) {
            checkFinite(row, whose);
        }
    }

    static void checkFinite(float[] row, String whose) {
        for (float value : row) {
            if (!Float.isFinite(value)) {
                throw new IllegalStateException("the encoder gives a number that is not finite for " + whose);
            }
        }
    }
}
