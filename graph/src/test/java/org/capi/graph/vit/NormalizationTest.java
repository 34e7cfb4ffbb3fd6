package org.capi.graph.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.capi.graph.TestGraph;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;

class NormalizationTest {

    private static final Normalization NORMALIZATION =
            new Normalization(List.of(0.5f, 0.25f, 0f), List.of(0.5f, 0.25f, 2f));

    /** One image of two rows and three columns. */
    private static final float[][][][] IMAGE = {
        {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, {{0.5f, 0.5f, 0.5f}, {0.75f, 0.25f, 0}, {0.25f, 0.75f, 1}}}
    };

    private static final float[] NORMAL = {
        1,
        -1,
        0,
        -1,
        3,
        0,
        -1,
        -1,
        0.5f, // first row
        0,
        1,
        0.25f,
        0.5f,
        0,
        0,
        -0.5f,
        2,
        0.5f // second row
    };

    @Test
    void everyPixelIsNormalisedByColour() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var normal = NORMALIZATION.apply(tf, tf.constant(IMAGE));
            assertThat(normal.shape()).isEqualTo(Shape.of(1, 2, 3, 3));
            assertThat(graph.value(normal)).containsExactly(NORMAL, within(1e-6f));
        }
    }

    @Test
    void imagesOfAnySizeAreTheSame() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var any = tf.placeholderWithDefault(tf.constant(IMAGE), Shape.of(-1, -1, -1, 3));
            assertThat(any.shape().get(2)).isEqualTo(Shape.UNKNOWN_SIZE);
            assertThat(graph.value(NORMALIZATION.apply(tf, any))).containsExactly(NORMAL, within(1e-6f));
        }
    }
}
