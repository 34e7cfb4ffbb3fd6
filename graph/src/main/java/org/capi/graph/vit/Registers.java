package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Initializer;
import org.capi.graph.Parameter.Role;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceMin;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Learned tokens that precede the patches (Darcet et al. 2024), each at coordinates of its own.
 *
 * @param tokens {@code [1, registers, dim]}
 * @param coordinates where the registers are in the unit square, before scaling
 * @param scaledToVisible whether the coordinates are moved into the bounding box of the visible patches
 * @param compiled whether XLA compiles the graph, for a batch of known size
 */
public record Registers<T extends TFloating>(
        Operand<T> tokens, Coordinates coordinates, boolean scaledToVisible, boolean compiled) {

    static final double TOKEN_DEVIATION = 0.02;

    /** Of a product that XLA leaves one: it makes a product of width 1 a multiplication and a sum. */
    private static final int PRODUCT_WIDTH = 8;

    /** Declares {@code registers}; a configuration without registers must not call this. */
    static <T extends TFloating> Registers<T> create(Parameters<T> params, VitConfig config) {
        int count = config.registers();
        return new Registers<>(
                token(params, "registers", Shape.of(1, count, config.dim())),
                config.registerCoordinates(),
                config.scaleRegistersToVisible(),
                params.plan().compiled());
    }

    /** Declares a learned token or a table of them: normal, with deviation 0.02. */
    static <T extends TFloating> Operand<T> token(Parameters<T> params, String name, Shape shape) {
        return params.declare(name, Role.TOKEN, shape, Initializer.normal(TOKEN_DEVIATION));
    }

    /** Puts the registers before patches at {@code coords [batch, patches, 2]}. */
    Encoder.Tokens<T> before(Ops tf, Operand<T> patches, Operand<TFloat32> coords) {
        return new Encoder.Tokens<>(
                tf.concat(List.of(forEach(tf, patches), patches), tf.constant(1)),
                tf.concat(List.of(coords(tf, coords), coords), tf.constant(1)));
    }

    /** The registers of each image: {@code [batch, registers, dim]}. */
    private Operand<T> forEach(Ops tf, Operand<T> patches) {
        var sizes = tf.stack(
                List.of(Tensors.size(tf, patches, 0), Tensors.size(tf, tokens, 1), Tensors.size(tf, tokens, 2)));
        long batch = patches.shape().get(0);
        if (!compiled || !tokens.type().equals(TBfloat16.class)) {
            return tf.broadcastTo(tokens, sizes);
        }
        // The gradient of a broadcast is a sum over the batch, for which XLA would store all tokens with the batch as
        // the last axis, and every gather of images would take single numbers. That of a product is a product.
        float[][] firstColumn = new float[Math.toIntExact(batch)][PRODUCT_WIDTH];
        for (float[] row : firstColumn) {
            row[0] = 1;
        }
        var flat = tf.reshape(tokens, tf.constant(new int[] {1, -1}));
        var zeros = tf.zeros(
                tf.constant(new long[] {PRODUCT_WIDTH - 1, tokens.shape().size()}), tokens.type());
        var rows = tf.concat(List.of(flat, zeros), tf.constant(0));
        return tf.reshape(tf.linalg.matMul(Tensors.cast(tf, tf.constant(firstColumn), tokens.type()), rows), sizes);
    }

    private int count() {
        return Math.toIntExact(tokens.shape().get(1));
    }

    /** {@code min + u·(max - min)} of the visible patches, per image and axis: {@code [batch, registers, 2]}. */
    private Operand<TFloat32> coords(Ops tf, Operand<TFloat32> visible) {
        var unit = tf.constant(coordinates.of(count())); // [registers, 2]
        if (!scaledToVisible) {
            var sizes = List.of(Tensors.size(tf, visible, 0), tf.constant(count()), tf.constant(2));
            return tf.broadcastTo(unit, tf.stack(sizes));
        }
        var min = tf.reduceMin(visible, tf.constant(1), ReduceMin.keepDims(true)); // [batch, 1, 2]
        var max = tf.reduceMax(visible, tf.constant(1), ReduceMax.keepDims(true));
        return tf.math.add(min, tf.math.mul(unit, tf.math.sub(max, min)));
    }

    /** Where registers are, before they are scaled to the visible patches. */
    public enum Coordinates {
        /** Evenly along the border, from the top-left corner down the left side and around. */
        EDGE {
            @Override
            void check(int registers) {
                if (registers % 4 != 0) {
                    throw new IllegalArgumentException(
                            "registers must be a multiple of 4 with edge coordinates, was " + registers);
                }
            }

            @Override
            float[][] of(int registers) {
                int side = registers / 4;
                float[][] coordinates = new float[registers][];
                for (int i = 0; i < side; i++) {
                    float t = (float) i / side;
                    coordinates[i] = new float[] {t, 0};
                    coordinates[side + i] = new float[] {1, t};
                    coordinates[2 * side + i] = new float[] {1 - t, 1};
                    coordinates[3 * side + i] = new float[] {0, 1 - t};
                }
                return coordinates;
            }
        },
        /** All in the top-left corner. */
        ZEROS {
            @Override
            void check(int registers) {}

            @Override
            float[][] of(int registers) {
                return new float[registers][2];
            }
        };

        /** Refuses a count that cannot be placed. */
        abstract void check(int registers);

        /** (row, column) of each register, {@code [registers, 2]}. */
        abstract float[][] of(int registers);
    }
}
