package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.layer.Rope;
import org.capi.graph.layer.Rotation;
import org.capi.graph.layer.Rotation.NoRotation;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** A vector that is added to each token for its position. */
public sealed interface PositionEmbedding<T extends TFloating> {

    /**
     * Adds it: {@code [batch, tokens, dim] -> [batch, tokens, dim]}.
     *
     * @param coords (row, column) of the tokens, each from 0 to 1 {@code [batch, tokens, 2]}, or once for the whole
     *     batch {@code [1, tokens, 2]}
     */
    Operand<T> add(Ops tf, Operand<T> x, Operand<TFloat32> coords);

    /** Nothing. */
    record None<T extends TFloating>() implements PositionEmbedding<T> {
        @Override
        public Operand<T> add(Ops tf, Operand<T> x, Operand<TFloat32> coords) {
            return x;
        }
    }

    /**
     * A learned vector for each cell of a grid; between cells, as in images of another size, the bilinear mean of the
     * four around.
     *
     * @param table {@code [rows · columns, dim]}
     */
    record LearnedGrid<T extends TFloating>(Operand<T> table, int rows, int columns) implements PositionEmbedding<T> {

        /** Declares {@code pos_embed}. */
        static <T extends TFloating> LearnedGrid<T> create(Parameters<T> params, int rows, int columns, int dim) {
            return new LearnedGrid<>(
                    Registers.token(params, "pos_embed", Shape.of((long) rows * columns, dim)), rows, columns);
        }

        @Override
        public Operand<T> add(Ops tf, Operand<T> x, Operand<TFloat32> coords) {
            var down = tf.expandDims(weights(tf, coords, 0, rows), tf.constant(3)); // [batch, tokens, rows, 1]
            var across = tf.expandDims(weights(tf, coords, 1, columns), tf.constant(2)); // [batch, tokens, 1, columns]
            // A product with these weights rather than a gather, whose gradient is a scatter.
            var cells = tf.reshape(tf.math.mul(down, across), tf.constant(new int[] {-1, rows * columns}));
            Operand<T> each = tf.linalg.matMul(Tensors.cast(tf, cells, x.type()), table); // [batch · tokens, dim]
            List<Operand<TInt32>> sizes = List.of(
                    Tensors.size(tf, coords, 0),
                    Tensors.size(tf, coords, 1),
                    tf.constant(Math.toIntExact(table.shape().get(1))));
            return tf.math.add(x, Tensors.reshape(tf, each, sizes));
        }

        /** {@code max(0, 1 - |coordinate·(n - 1) - i|)} for cells i along an axis: {@code [batch, tokens, n]}. */
        private static Operand<TFloat32> weights(Ops tf, Operand<TFloat32> coords, int axis, int n) {
            float[] cells = new float[n];
            for (int i = 0; i < n; i++) {
                cells[i] = i;
            }
            var coordinate = tf.stridedSlice(coords, Indices.ellipsis(), Indices.slice(axis, axis + 1));
            var position = tf.math.mul(coordinate, tf.constant((float) (n - 1)));
            var distance = tf.math.abs(tf.math.sub(position, tf.constant(cells)));
            return tf.nn.relu(tf.math.sub(tf.constant(1f), distance));
        }
    }

    /**
     * Vectors for the cells of a grid, resized to other grids by bicubic convolution (Keys 1981) with {@code a =
     * -0.75}: cells are squares whose centres are compared, what lies outside is the nearest cell, and nothing is
     * smoothed.
     *
     * @param table {@code [rows · columns, dim]}
     */
    record BicubicGrid(Operand<TFloat32> table, int rows, int columns) {

        private static final float A = -0.75f;

        /**
         * The vectors for a grid of another size, {@code [cells, dim]}; those of its own size are exactly the table.
         */
        Operand<TFloat32> resized(Ops tf, PatchEmbedding.Grid grid) {
            var dim = tf.constant(Math.toIntExact(table.shape().get(1)));
            var byRow = tf.reshape(table, tf.constant(new int[] {rows, -1})); // [rows, columns · dim]
            var down = tf.linalg.matMul(weights(tf, grid.rows(), rows), byRow);
            Operand<TFloat32> cells = Tensors.reshape(tf, down, List.of(grid.rows(), tf.constant(columns), dim));
            var across =
                    tf.expandDims(weights(tf, grid.columns(), columns), tf.constant(0)); // [1, new columns, columns]
            var both = tf.train.batchMatMul(across, cells, TFloat32.class); // [new rows, new columns, dim]
            return Tensors.reshape(tf, both, List.of(grid.count(tf), dim));
        }

        /**
         * What each of {@code n} new cells takes from each of {@code size} old ones along an axis, {@code [n, size]}.
         */
        private static Operand<TFloat32> weights(Ops tf, Operand<TInt32> n, int size) {
            var half = tf.constant(0.5f);
            var cell = tf.dtypes.cast(tf.range(tf.constant(0), n, tf.constant(1)), TFloat32.class);
            var scale = tf.math.div(tf.constant((float) size), tf.dtypes.cast(n, TFloat32.class));
            var position = tf.math.sub(tf.math.mul(tf.math.add(cell, half), scale), half);
            var left = tf.math.floor(position);
            var taps = tf.constant(new float[] {-1, 0, 1, 2});
            var column = tf.constant(new int[] {-1, 1});
            var distance = tf.math.abs(tf.math.sub(tf.reshape(tf.math.sub(position, left), column), taps)); // [n, 4]
            var old = tf.math.add(tf.reshape(left, column), taps);
            var inside = tf.clipByValue(old, tf.constant(0f), tf.constant(size - 1f));
            var picked = tf.oneHot(
                    tf.dtypes.cast(inside, TInt32.class),
                    tf.constant(size),
                    tf.constant(1f),
                    tf.constant(0f)); // [n, 4, size]
            return tf.sum(tf.math.mul(tf.expandDims(kernel(tf, distance), tf.constant(2)), picked), tf.constant(1));
        }

        /** {@code (a+2)d³ - (a+3)d² + 1} up to 1, {@code ad³ - 5ad² + 8ad - 4a} from there to 2. */
        private static Operand<TFloat32> kernel(Ops tf, Operand<TFloat32> d) {
            var near = polynomial(tf, d, A + 2, -A - 3, 0, 1);
            var far = polynomial(tf, d, A, -5 * A, 8 * A, -4 * A);
            return tf.select(tf.math.lessEqual(d, tf.constant(1f)), near, far);
        }

        private static Operand<TFloat32> polynomial(Ops tf, Operand<TFloat32> d, float... coefficients) {
            Operand<TFloat32> y = tf.constant(coefficients[0]);
            for (int i = 1; i < coefficients.length; i++) {
                y = tf.math.add(tf.math.mul(y, d), tf.constant(coefficients[i]));
            }
            return y;
        }
    }

    /** The kind of position information of a model. */
    public sealed interface Kind {

        /** As the published models do. */
        Kind ROTARY = new Rotary(7, 7e-4);

        /** What attention does; declares what it needs. */
        Rotation rotation(Parameters<?> params, int headDim);

        /** What is added to tokens of a width; declares what it needs. */
        <T extends TFloating> PositionEmbedding<T> embedding(Parameters<T> params, int dim);

        /**
         * Queries and keys are turned by their tokens' coordinates, nothing is learned.
         *
         * @param highest frequency, in turns over the side of an image
         * @param lowest frequency, likewise
         */
        record Rotary(double highest, double lowest) implements Kind {
            @Override
            public Rotation rotation(Parameters<?> params, int headDim) {
                return Rope.create(params, headDim, highest, lowest);
            }

            @Override
            public <T extends TFloating> PositionEmbedding<T> embedding(Parameters<T> params, int dim) {
                return new PositionEmbedding.None<>();
            }
        }

        /**
         * A learned vector for each patch of a grid is added to the tokens of encoder and predictor.
         *
         * @param rows of the grid that is trained on
         * @param columns of that grid
         */
        record Learnable(int rows, int columns) implements Kind {
            /** Checks the sizes. */
            public Learnable {
                if (rows < 1 || columns < 1) {
                    throw new IllegalArgumentException(
                            "a grid of learned positions is at least 1 x 1, was " + rows + " x " + columns);
                }
            }

            @Override
            public Rotation rotation(Parameters<?> params, int headDim) {
                return new NoRotation();
            }

            @Override
            public <T extends TFloating> PositionEmbedding<T> embedding(Parameters<T> params, int dim) {
                return PositionEmbedding.LearnedGrid.create(params, rows, columns, dim);
            }
        }
    }
}
