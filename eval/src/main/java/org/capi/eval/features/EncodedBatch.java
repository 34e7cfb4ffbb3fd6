package org.capi.eval.features;

import java.util.List;
import org.capi.data.image.Pixels;
import org.capi.savedmodels.Features;
import org.capi.savedmodels.VisionEncoder;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/** What an encoder gives for a batch of images, to be had in any representation. */
public record EncodedBatch(Features features) {

    /** Encodes images of one size. */
    public static EncodedBatch of(VisionEncoder encoder, List<Pixels> images) {
        try (TFloat32 batch = ImageBatch.of(images)) {
            return new EncodedBatch(encoder.encode(batch));
        }
    }

    /** What a representation is for one image. */
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
            Rows.checkFinite(row, whose);
        }
    }
}
