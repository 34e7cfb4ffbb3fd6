package org.capi.graph.vit;

import org.capi.graph.Parameters;
import org.capi.graph.layer.NoRotation;
import org.capi.graph.layer.Rope;
import org.capi.graph.layer.Rotation;
import org.tensorflow.types.family.TFloating;

/** How a model tells its tokens apart by where they are. */
public sealed interface Positions {

    /** As the published models do. */
    Positions ROTARY = new Rotary(7, 7e-4);

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
    record Rotary(double highest, double lowest) implements Positions {
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
    record Learnable(int rows, int columns) implements Positions {
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
