package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Cast;
import org.capi.graph.Parameters;
import org.capi.graph.layer.Axes;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** What is added to tokens for where they are. */
sealed interface PositionEmbedding<T extends TFloating> {

    /**
     * Adds it: {@code [batch, tokens, dim] -> [batch, tokens, dim]}.
     *
     * @param where (row, column) of the tokens, each from 0 to 1 {@code [batch, tokens, 2]}, or once for the whole batch
     *     {@code [1, tokens, 2]}
     */
    Operand<T> add(Ops tf, Operand<T> x, Operand<TFloat32> where);

    /** Nothing. */
    record None<T extends TFloating>() implements PositionEmbedding<T> {
        @Override
        public Operand<T> add(Ops tf, Operand<T> x, Operand<TFloat32> where) {
            return x;
        }
    }

    /**
     * A learned vector for each cell of a grid; between cells, as in images of another size, the bilinear mean of the four
     * around.
     *
     * @param table {@code [rows · columns, dim]}
     */
    record LearnedGrid<T extends TFloating>(Operand<T> table, int rows, int columns) implements PositionEmbedding<T> {

        /** Declares {@code pos_embed}. */
        static <T extends TFloating> LearnedGrid<T> create(Parameters<T> params, int rows, int columns, int dim) {
            return new LearnedGrid<>(
                    Encoder.token(params, "pos_embed", Shape.of((long) rows * columns, dim)), rows, columns);
        }

        @Override
        public Operand<T> add(Ops tf, Operand<T> x, Operand<TFloat32> where) {
            var down = tf.expandDims(weights(tf, where, 0, rows), tf.constant(3)); // [batch, tokens, rows, 1]
            var across = tf.expandDims(weights(tf, where, 1, columns), tf.constant(2)); // [batch, tokens, 1, columns]
            // A product with these weights rather than a gather, whose gradient is a scatter.
            var cells = tf.reshape(tf.math.mul(down, across), tf.constant(new int[] {-1, rows * columns}));
            Operand<T> each = tf.linalg.matMul(Cast.to(tf, cells, x.type()), table); // [batch · tokens, dim]
            List<Operand<TInt32>> sizes = List.of(
                    Axes.size(tf, where, 0),
                    Axes.size(tf, where, 1),
                    tf.constant(Math.toIntExact(table.shape().get(1))));
            return tf.math.add(x, Axes.reshape(tf, each, sizes));
        }

        /** {@code max(0, 1 - |coordinate·(n - 1) - i|)} for cells i along an axis: {@code [batch, tokens, n]}. */
        private static Operand<TFloat32> weights(Ops tf, Operand<TFloat32> where, int axis, int n) {
            float[] cells = new float[n];
            for (int i = 0; i < n; i++) {
                cells[i] = i;
            }
            var coordinate = tf.stridedSlice(where, Indices.ellipsis(), Indices.slice(axis, axis + 1));
            var place = tf.math.mul(coordinate, tf.constant((float) (n - 1)));
            var distance = tf.math.abs(tf.math.sub(place, tf.constant(cells)));
            return tf.nn.relu(tf.math.sub(tf.constant(1f), distance));
        }
    }
}
