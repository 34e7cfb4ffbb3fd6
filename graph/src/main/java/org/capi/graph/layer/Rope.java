package org.capi.graph.layer;

import java.util.List;
import org.capi.graph.Initializer;
import org.capi.graph.Parameter.Role;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Axial rotary position embedding as the published CAPI weights know it.
 *
 * <p>Channel c of a head is paired with channel c ± headDim/2. The lower half takes its angle from the row, the upper
 * half from the column, so a pair is not rotated by one angle: {@code out[c] = x[c]·cos a[c] - x[c+d/2]·sin a[c]},
 * {@code out[c+d/2] = x[c+d/2]·cos a[c+d/2] + x[c]·sin a[c+d/2]}. Angles are always float32.
 *
 * @param table angular frequencies {@code [2, headDim]}: row 0 times the row coordinate plus row 1 times the column
 *     coordinate is the angle
 */
public record Rope(Operand<TFloat32> table) implements Rotation {

    /** Declares {@code freqs}, from {@code highest} to {@code lowest} turns over the side of an image, geometric. */
    public static Rope create(Parameters<?> params, int headDim, double highest, double lowest) {
        if (headDim < 4 || headDim % 4 != 0) {
            throw new IllegalArgumentException("the width of a head must be a multiple of 4, was " + headDim);
        }
        Initializer frequencies = (tf, shape, seed) -> tf.constant(frequencies(headDim, highest, lowest));
        return new Rope(params.declareFloat32("freqs", Role.ROPE, Shape.of(2, headDim), frequencies));
    }

    /**
     * The rotation by distances in patches, nothing declared: {@code base^(-i / count)} radians from a patch to the
     * next for each of {@code count = headDim / 4} frequencies, each for two channels in a row.
     */
    public static Rope ofNeighbours(Ops tf, int headDim, double base) {
        int half = headDim / 2;
        float[][] table = new float[2][headDim];
        for (int channel = 0; channel < half; channel++) {
            float angular = (float) Math.pow(base, -(channel / 2) / (half / 2.0));
            table[0][channel] = angular;
            table[1][half + channel] = angular;
        }
        return new Rope(tf.constant(table));
    }

    /** The table {@code [2, headDim]} with frequencies from {@code highest} to {@code lowest} turns, both inclusive. */
    static float[][] frequencies(int headDim, double highest, double lowest) {
        int count = headDim / 4;
        float[][] table = new float[2][headDim];
        for (int i = 0; i < count; i++) {
            double turns = count == 1 ? highest : highest * Math.pow(highest / lowest, -i / (count - 1.0));
            float angular = (float) (2 * Math.PI * turns);
            table[0][i] = angular;
            table[0][count + i] = angular;
            table[1][2 * count + i] = angular;
            table[1][3 * count + i] = angular;
        }
        return table;
    }

    /**
     * Angles of tokens at {@code coordinates} (row, column): {@code [batch, tokens, 2] -> [batch, 1, tokens, headDim]},
     * or with the axis of heads elsewhere.
     */
    private Operand<TFloat32> angles(Ops tf, Operand<TFloat32> coordinates, int headsAxis) {
        // Products and a sum rather than a matrix product, which a GPU would round to TF32.
        var position = tf.expandDims(coordinates, tf.constant(headsAxis)); // [batch, 1, tokens, 2]
        var row = tf.stridedSlice(position, Indices.ellipsis(), Indices.slice(0, 1));
        var column = tf.stridedSlice(position, Indices.ellipsis(), Indices.slice(1, 2));
        var byRow = tf.math.mul(row, tf.stridedSlice(table, Indices.at(0)));
        return tf.math.add(byRow, tf.math.mul(column, tf.stridedSlice(table, Indices.at(1))));
    }

    @Override
    public <T extends TFloating> Operand<TFloat32> apply(
            Ops tf, Operand<T> x, Operand<TFloat32> coordinates, int headsAxis) {
        var angles = angles(tf, coordinates, headsAxis);
        Operand<TFloat32> wide = Tensors.cast(tf, x, TFloat32.class);
        var halves = tf.split(tf.constant(-1), wide, 2L).output();
        var partners = tf.concat(List.of(tf.math.neg(halves.get(1)), halves.get(0)), tf.constant(-1));
        return tf.math.add(tf.math.mul(wide, tf.math.cos(angles)), tf.math.mul(partners, tf.math.sin(angles)));
    }
}
