package org.capi.graph.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.capi.graph.Parameters;
import org.capi.graph.TestGraph;
import org.capi.graph.layer.StochasticDepth;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

class PredictorTest {

    private static final VitConfig CONFIG = new VitConfig(4, 16, 1, 2, 4, Registers.Coordinates.EDGE, true, 24, 2);

    @Test
    void everyPredictionIsIndependentOfTheOthers() {
        float[] together = predict(new long[] {5, 3, 14});
        float[] alone = predict(new long[] {3});
        assertThat(alone).hasSize(CONFIG.predictorDim());
        int dim = CONFIG.predictorDim();
        float[] second = Arrays.copyOfRange(together, dim, 2 * dim);
        for (int i = 0; i < dim; i++) {
            assertThat(second[i]).isCloseTo(alone[i], within(1e-5f));
        }
        assertThat(second).isNotEqualTo(Arrays.copyOfRange(together, 0, dim));
    }

    @Test
    void widthsThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> new VitConfig(4, 16, 1, 3, 4, Registers.Coordinates.EDGE, true, 16, 1))
                .hasMessage("heads must divide dim 16, was 3");
        assertThatThrownBy(() -> new VitConfig(4, 16, 1, 2, 6, Registers.Coordinates.EDGE, true, 16, 1))
                .hasMessage("registers must be a multiple of 4 with edge coordinates, was 6");
        assertThatThrownBy(() -> new VitConfig(4, 16, 1, 2, 4, Registers.Coordinates.EDGE, true, 12, 1))
                .hasMessage("predictor_dim must be a multiple of the width of a head, 8, was 12");
    }

    /** Of one image of 4 x 4 patches, patches 0, 1 and 6 of which are visible. */
    private static float[] predict(long[] positions) {
        var random = new Random(3);
        float[] pixels = new float[16 * 16 * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var params = Parameters.create(tf, TFloat32.class, 1);
            var vit = VisionTransformer.create(params, CONFIG);
            graph.initialize(params.list());
            var image = tf.constant(Shape.of(1, 16, 16, 3), DataBuffers.of(pixels));
            var visible = tf.constant(new long[] {0, 1, 6});
            var prediction = vit.predict(tf, image, visible, tf.constant(positions), StochasticDepth.NONE);
            return graph.value(prediction.predictions());
        }
    }
}
