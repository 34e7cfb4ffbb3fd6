package org.capi.graph.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.capi.graph.TestGraph;
import org.capi.graph.vit.PositionEmbedding.BicubicGrid;
import org.junit.jupiter.api.Test;

class BicubicGridTest {

    @Test
    void aGridOfTheSameSizeIsTheTableToTheBit() {
        float[][] table = {{0.1f, 7}, {-3.3f, 1}, {2.7f, 1e-3f}, {5, 6}, {7, 8}, {1.1f, -9}};
        assertThat(resized(table, 2, 3, 2, 3)).containsExactly(0.1f, 7, -3.3f, 1, 2.7f, 1e-3f, 5, 6, 7, 8, 1.1f, -9);
    }

    @Test
    void cellsBetweenAreCubicMeansOfFour() {
        float[] actual = resized(new float[][] {{0}, {0}, {1}, {0}}, 1, 4, 1, 8);
        // 1.25d³ - 2.25d² + 1 at 0.75 and 0.25, and -0.75d³ + 3.75d² - 6d + 3 at 1.25 and 1.75
        assertThat(actual[2]).isCloseTo(-0.10546875f, within(1e-6f));
        assertThat(actual[3]).isCloseTo(0.26171875f, within(1e-6f));
        assertThat(actual[4]).isCloseTo(0.87890625f, within(1e-6f));
    }

    @Test
    void whatLiesOutsideIsTheNearestCell() {
        float[][] even = {{4}, {4}, {4}, {4}};
        float[] fours = new float[15];
        Arrays.fill(fours, 4);
        assertThat(resized(even, 2, 2, 3, 5)).containsExactly(fours, within(1e-5f));
    }

    @Test
    void rowsAndColumnsAreResizedApart() {
        float[] actual = resized(new float[][] {{1}, {2}, {3}, {11}, {12}, {13}}, 2, 3, 2, 1);
        assertThat(actual).containsExactly(new float[] {2, 12}, within(1e-5f));
    }

    private static float[] resized(float[][] table, int rows, int columns, int newRows, int newColumns) {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var grid = new PatchEmbedding.Grid(tf.constant(newRows), tf.constant(newColumns));
            return graph.value(new BicubicGrid(tf.constant(table), rows, columns).resized(tf, grid));
        }
    }
}
