package org.capi.eval.features;

import java.util.Arrays;
import java.util.Locale;
import org.capi.eval.rows.EnumNames;
import org.capi.savedmodels.Features;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.buffer.DataBuffers;

/** What is kept of the outputs of an encoder: one vector for an image, or several. */
public enum Representation {
    /** The mean of the patches' vectors. */
    AVG_PATCH,
    /** The global vector. */
    GLOBAL,
    /** The global vector followed by the mean of the patches' vectors. */
    BOTH,
    /** The registers' vectors. */
    REGISTERS,
    /** All patches' vectors. */
    PATCHES;

    /**
     * The features of one image: {@code rows · columns} vectors of length {@code dim}, row by row.
     *
     * @param rows of patches; 1 for a vector and for a sequence
     * @param columns of patches; 1 for a vector
     */
    public record FeatureShape(int rows, int columns, int dim) {

        public static FeatureShape vector(long dim) {
            return new FeatureShape(1, 1, Math.toIntExact(dim));
        }

        /** The number of vectors. */
        public int vectors() {
            return rows * columns;
        }
    }

    /** The values for each image of the batch, {@code [batch][rows · columns · dim]}. */
    float[][] of(Features features) {
        return switch (this) {
            case AVG_PATCH -> means(features.featureMap());
            case GLOBAL -> rows(features.global());
            case BOTH -> concatenated(rows(features.global()), means(features.featureMap()));
            case REGISTERS -> rows(features.registers());
            case PATCHES -> rows(features.featureMap());
        };
    }

    /** The shape of one image's values, so many in number. */
    FeatureShape shape(Features features, int values) {
        if (this == REGISTERS) {
            int registers = Math.toIntExact(features.registers().shape().get(1));
            if (registers == 0) {
                throw new IllegalArgumentException("the model has no registers; another representation must be chosen");
            }
            return new FeatureShape(1, registers, values / registers);
        }
        if (this == PATCHES) {
            long[] map = features.featureMap().shape().asArray();
            return new FeatureShape(Math.toIntExact(map[1]), Math.toIntExact(map[2]), Math.toIntExact(map[3]));
        }
        return FeatureShape.vector(values);
    }

    public boolean severalVectors() {
        return this == REGISTERS || this == PATCHES;
    }

    /** What it is, in words. */
    public String meaning() {
        return switch (this) {
            case AVG_PATCH -> "the mean of the vectors of an image's patches";
            case GLOBAL -> "the model's one vector for the whole image";
            case BOTH -> "global and avg_patch side by side";
            case REGISTERS -> "the vectors of the registers";
            case PATCHES -> "the vectors of all patches";
        };
    }

    /** Refuses several vectors for an image, for a probe that needs one. */
    public void checkOneVector() {
        if (severalVectors()) {
            throw new IllegalArgumentException(
                    "this evaluation needs one vector for an image, not the representation " + this);
        }
    }

    /** The constant of a name such as {@code avg_patch}. */
    public static Representation named(String name) {
        return EnumNames.find("representation", values(), name);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@code [batch, ...] -> [batch][...]}. */
    private static float[][] rows(FloatNdArray outputs) {
        float[] values = flat(outputs);
        float[][] rows = new float[Math.toIntExact(outputs.shape().get(0))][];
        int n = values.length / rows.length;
        Arrays.setAll(rows, i -> Arrays.copyOfRange(values, i * n, (i + 1) * n));
        return rows;
    }

    /** {@code [batch, rows, columns, dim] -> [batch][dim]}. */
    private static float[][] means(FloatNdArray map) {
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

    private static float[][] concatenated(float[][] left, float[][] right) {
        float[][] joined = new float[left.length][];
        for (int i = 0; i < left.length; i++) {
            joined[i] = Arrays.copyOf(left[i], left[i].length + right[i].length);
            System.arraycopy(right[i], 0, joined[i], left[i].length, right[i].length);
        }
        return joined;
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
