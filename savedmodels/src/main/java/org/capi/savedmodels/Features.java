package org.capi.savedmodels;

import java.util.Objects;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.buffer.DataBuffers;

/**
 * What an encoder gives for a batch of images.
 *
 * @param global {@code [batch, n]}
 * @param registers {@code [batch, registers, dim]}
 * @param featureMap {@code [batch, rows, columns, dim]}
 */
public record Features(FloatNdArray global, FloatNdArray registers, FloatNdArray featureMap) {

    /**
     * The vector of an image, {@code [n]}: its row of {@link #global}.
     *
     * @param image its index in the batch
     */
    public float[] vector(int image) {
        Objects.checkIndex(image, global.shape().get(0));
        float[] vector = new float[Math.toIntExact(global.shape().get(1))];
        global.get(image).copyTo(DataBuffers.of(vector, false, false));
        return vector;
    }

    /** The features of one image as a batch of one, in memory of their own. */
    public Features image(int image) {
        return new Features(row(global, image), row(registers, image), row(featureMap, image));
    }

    private static FloatNdArray row(FloatNdArray batch, int image) {
        FloatNdArray row = NdArrays.ofFloats(batch.shape().tail().prepend(1)); // one image
        batch.get(image).copyTo(row.get(0));
        return row;
    }
}
