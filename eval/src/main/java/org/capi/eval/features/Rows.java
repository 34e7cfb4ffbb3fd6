package org.capi.eval.features;

import java.util.Arrays;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.buffer.DataBuffers;

/** Outputs of an encoder as one array for each image. */
final class Rows {

    private Rows() {}

    /** {@code [batch, ...]}. */
    static float[][] of(FloatNdArray outputs) {
        float[] values = flat(outputs);
        float[][] rows = new float[Math.toIntExact(outputs.shape().get(0))][];
        int n = values.length / rows.length;
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(values, i * n, (i + 1) * n);
        }
        return rows;
    }

    /** {@code [batch, rows, columns, dim] -> [batch, dim]}. */
    static float[][] meanOfPatches(FloatNdArray map) {
        float[] values = flat(map);
        long[] shape = map.shape().asArray();
        int patches = Math.toIntExact(shape[1] * shape[2]);
        int dim = Math.toIntExact(shape[3]);
        float[][] means = new float[Math.toIntExact(shape[0])][dim];
        for (int image = 0; image < means.length; image++) {
            for (int d = 0; d < dim; d++) {
                double sum = 0;
                for (int patch = 0; patch < patches; patch++) {
                    sum += values[(image * patches + patch) * dim + d];
                }
                means[image][d] = (float) (sum / patches);
            }
        }
        return means;
    }

    /** Each row of the second appended to that of the first. */
    static float[][] beside(float[][] left, float[][] right) {
        float[][] joined = new float[left.length][];
        for (int i = 0; i < left.length; i++) {
            joined[i] = Arrays.copyOf(left[i], left[i].length + right[i].length);
            System.arraycopy(right[i], 0, joined[i], left[i].length, right[i].length);
        }
        return joined;
    }

    static void checkFinite(float[] row, String whose) {
        for (float value : row) {
            if (!Float.isFinite(value)) {
                throw new IllegalStateException("the encoder gives a number that is not finite for " + whose);
            }
        }
    }

    private static float[] flat(FloatNdArray array) {
        if (array.size() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "the features of a batch of " + array.shape().get(0) + " images are " + array.size()
                            + " numbers, too many; give a smaller batch_size");
        }
        float[] values = new float[(int) array.size()];
        array.copyTo(DataBuffers.of(values, false, false));
        return values;
    }
}
