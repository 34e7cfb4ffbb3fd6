package org.capi.graph.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.capi.graph.TestGraph;
import org.capi.graph.vit.PositionEmbedding.LearnedGrid;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

class PositionEmbeddingTest {

    /** A grid of 2 rows and 3 columns; its vectors are (10·row + column, 1). */
    private static final float[][] TABLE = {{0, 1}, {1, 1}, {2, 1}, {10, 1}, {11, 1}, {12, 1}};

    @Test
    void aTokenOfACellGetsTheVectorOfItsCell() {
        assertThat(added(new float[][] {{0, 0.5f}, {1, 1}, {1, 0}})).containsExactly(101, 201, 112, 201, 110, 201);
    }

    @Test
    void betweenCellsItIsTheBilinearMeanOfTheFourAround() {
        float[] added = added(new float[][] {{0.25f, 0.375f}});
        assertThat(added[0] - 100).isCloseTo(2.5f + 0.75f, within(1e-5f));
        assertThat(added[1] - 200).isCloseTo(1, within(1e-5f));
    }

    @Test
    void everyVectorOfTheTableGetsTheGradientOfTheTokensThere() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            Operand<TFloat32> table = tf.constant(TABLE);
            Operand<TFloat32> x = tf.constant(new float[][][] {{{0, 0}, {0, 0}}, {{0, 0}, {0, 0}}});
            var where = tf.constant(new float[][][] {{{0, 0}, {1, 1}}, {{0, 0}, {0, 0.5f}}});
            Operand<TFloat32> ones = tf.constant(new float[][][] {{{1, 1}, {1, 1}}, {{1, 1}, {1, 1}}});
            Operand<TFloat32> y = new LearnedGrid<>(table, 2, 3).add(tf, x, where);
            var gradient = graph.gradients(y, ones, List.of(table)).get(0);
            assertThat(graph.value(gradient)).containsExactly(2, 2, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1);
        }
    }

    @Test
    void coordinatesMayBeGivenOnceForAllImages() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            Operand<TFloat32> x = tf.constant(new float[][][] {{{100, 200}, {100, 200}}, {{300, 400}, {300, 400}}});
            var where = tf.constant(new float[][][] {{{0, 0}, {1, 1}}});
            var grid = new LearnedGrid<>(tf.constant(TABLE), 2, 3);
            assertThat(graph.value(grid.add(tf, x, where))).containsExactly(100, 201, 112, 201, 300, 401, 312, 401);
        }
    }

    @Test
    void aGridWithoutCellsIsRefused() {
        assertThatThrownBy(() -> new PositionEmbedding.Kind.Learnable(0, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a grid of learned positions is at least 1 x 1, was 0 x 3");
    }

    /** What tokens (100, 200) become. */
    private static float[] added(float[][] where) {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            float[][] tokens = new float[where.length][];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = new float[] {100, 200};
            }
            Operand<TFloat32> x = tf.constant(new float[][][] {tokens});
            var grid = new LearnedGrid<>(tf.constant(TABLE), 2, 3);
            return graph.value(grid.add(tf, x, tf.constant(new float[][][] {where})));
        }
    }
}
