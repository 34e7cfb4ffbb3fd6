package org.capi.graph.vit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.TestGraph;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.vit.PlainTransformer.Sequence;
import org.capi.graph.vit.VisionTransformer.Prediction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/** Predictors against plain loops in double precision, on two images of 3 x 4 patches. */
class PredictorKindTest {

    private static final int ROWS = 3;
    private static final int COLUMNS = 4;
    private static final int PATCH = 4;
    private static final int DIM = 16;
    private static final long[][] VISIBLE = {{1, 2, 6, 7}, {0, 4, 5, 10}};
    private static final long[][] PREDICTED = {{9, 0, 3}, {2, 11, 8}};
    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fusedMaskTokensGoThroughTheEncoderBehindTheVisiblePatches(boolean learned) {
        var config = config(Predictor.Kind.FUSED, DIM, 0, learned);
        try (var run = new Run(config)) {
            assertThat(run.names()).contains("mask_token").noneMatch(name -> name.startsWith("decoder."));
            assertPredictions(run, learned, (plain, visible, masks) -> {
                var all = plain.blocks("encoder", config.depth(), masks.behind(visible));
                return all.values()
                        .subList(visible.values().size(), all.values().size());
            });
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void splitMaskTokensSeeTheProjectedContextAndEachOther(boolean learned) {
        var config = config(Predictor.Kind.SELF_ATTENTION, 24, 2, learned);
        try (var run = new Run(config)) {
            assertThat(run.names()).contains("decoder.embed.weight", "decoder.blocks.1.residual1.fn.k_proj.weight");
            assertPredictions(run, learned, (plain, visible, masks) -> {
                var encoded = plain.blocks("encoder", config.depth(), visible);
                var context = plain.project("decoder.embed.weight", encoded, config.predictorDim());
                var all = plain.blocks("decoder", config.predictorDepth(), masks.behind(context));
                return all.values()
                        .subList(visible.values().size(), all.values().size());
            });
        }
    }

    @Test
    void theVisiblePatchesComeOutWithoutMaskTokens() {
        for (Predictor.Kind kind : Predictor.Kind.values()) {
            try (var run = new Run(config(kind, DIM, kind == Predictor.Kind.FUSED ? 0 : 2, false))) {
                assertThat(run.prediction().visible().shape()).isEqualTo(Shape.of(2, 4, DIM));
            }
        }
    }

    @Test
    void theGlobalVectorIsTheMeanOfThePatchesWhereThePredictorIsFused() {
        try (var run = new Run(config(Predictor.Kind.FUSED, DIM, 0, false))) {
            var features = run.vit.features(run.graph.tf(), run.images);
            float[] global = run.graph.value(features.global());
            float[] map = run.graph.value(features.featureMap());
            for (int image = 0; image < 2; image++) {
                for (int c = 0; c < DIM; c++) {
                    double mean = 0;
                    for (int p = 0; p < ROWS * COLUMNS; p++) {
                        mean += map[(image * ROWS * COLUMNS + p) * DIM + c] / (double) (ROWS * COLUMNS);
                    }
                    assertThat((double) global[image * DIM + c]).isCloseTo(mean, within(TOLERANCE));
                }
            }
        }
    }

    @Test
    void theGlobalVectorOfASplitPredictorIsTheMeanOfItsFirstBlockAtEveryPosition() {
        var config = config(Predictor.Kind.SELF_ATTENTION, 24, 2, false);
        try (var run = new Run(config)) {
            float[] global =
                    run.graph.value(run.vit.features(run.graph.tf(), run.images).global());
            long[] all = new long[ROWS * COLUMNS];
            for (int i = 0; i < all.length; i++) {
                all[i] = i;
            }
            for (int image = 0; image < 2; image++) {
                var plain = run.plain(false);
                var encoded = plain.blocks("encoder", config.depth(), plain.visible(run.patches(image), all));
                var context = plain.project("decoder.embed.weight", encoded, config.predictorDim());
                var said = plain.blocks("decoder", 1, plain.masks(all, "").behind(context));
                var masks = said.values()
                        .subList(encoded.values().size(), said.values().size());
                for (int c = 0; c < config.predictorDim(); c++) {
                    int channel = c;
                    double mean = masks.stream()
                            .mapToDouble(v -> v[channel])
                            .average()
                            .orElseThrow();
                    assertThat((double) global[image * config.predictorDim() + c])
                            .isCloseTo(mean, within(TOLERANCE));
                }
            }
        }
    }

    @Test
    void sizesThatAFusedPredictorCannotHaveAreRefused() {
        assertThatThrownBy(() -> config(Predictor.Kind.FUSED, 24, 2, false))
                .hasMessage(
                        "a fused predictor is the encoder itself: predictor_depth must be 0 and predictor_dim be dim,"
                                + " which is 16, were 2 and 24");
        assertThatThrownBy(() -> config(Predictor.Kind.SELF_ATTENTION, 16, 0, false))
                .hasMessage("predictor_depth must be at least 1, was 0");
    }

    /** Predictions for one image. */
    @FunctionalInterface
    private interface Forward {
        List<double[]> of(PlainTransformer plain, Sequence visible, Sequence masks);
    }

    private static void assertPredictions(Run run, boolean learned, Forward forward) {
        float[] actual = run.graph.value(run.prediction().predictions());
        boolean fused = run.vit.config().predictor() == Predictor.Kind.FUSED;
        int at = 0;
        for (int image = 0; image < 2; image++) {
            var plain = run.plain(learned);
            var masks = plain.masks(PREDICTED[image], fused ? "encoder.pos_embed" : "decoder.pos_embed");
            for (double[] row : forward.of(plain, plain.visible(run.patches(image), VISIBLE[image]), masks)) {
                for (double expected : row) {
                    assertThat((double) actual[at]).as("number " + at).isCloseTo(expected, within(TOLERANCE));
                    at++;
                }
            }
        }
        assertThat(at).isEqualTo(actual.length);
    }

    private static VitConfig config(Predictor.Kind kind, int predictorDim, int predictorDepth, boolean learned) {
        PositionEmbedding.Kind positions =
                learned ? new PositionEmbedding.Kind.Learnable(ROWS, COLUMNS) : PositionEmbedding.Kind.ROTARY;
        return new VitConfig(
                PATCH, DIM, 2, 2, 4, Registers.Coordinates.EDGE, true, predictorDim, predictorDepth, kind, positions);
    }

    /** A model with its first weights, and two images of noise. */
    private static final class Run implements AutoCloseable {
        private final TestGraph graph = new TestGraph();
        private final Parameters<TFloat32> params = Parameters.create(graph.tf(), TFloat32.class, 5);
        private final VisionTransformer<TFloat32> vit;
        private final float[] pixels = new float[2 * ROWS * PATCH * COLUMNS * PATCH * 3];
        private final Operand<TFloat32> images;

        Run(VitConfig config) {
            vit = VisionTransformer.create(params, config);
            graph.initialize(params.list());
            var random = new Random(3);
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (float) random.nextGaussian();
            }
            images = graph.tf().constant(Shape.of(2, ROWS * PATCH, COLUMNS * PATCH, 3), DataBuffers.of(pixels));
        }

        List<String> names() {
            return params.list().stream().map(Parameter::name).toList();
        }

        Prediction<TFloat32> prediction() {
            var tf = graph.tf();
            return vit.predict(
                    tf, images, tf.constant(flat(VISIBLE)), tf.constant(flat(PREDICTED)), StochasticDepth.NONE);
        }

        PlainTransformer plain(boolean learned) {
            Map<String, double[]> weights = new HashMap<>();
            for (Parameter parameter : params.list()) {
                weights.put(parameter.name(), PlainMath.widened(graph.value(parameter.value())));
            }
            return new PlainTransformer(weights, vit.config(), ROWS, COLUMNS, learned);
        }

        /** Of an image, each as channel, row, column. */
        double[][] patches(int image) {
            double[][] patches = new double[ROWS * COLUMNS][3 * PATCH * PATCH];
            int width = COLUMNS * PATCH;
            for (int p = 0; p < patches.length; p++) {
                for (int i = 0; i < patches[p].length; i++) {
                    int channel = i / (PATCH * PATCH);
                    int y = p / COLUMNS * PATCH + i / PATCH % PATCH;
                    int x = p % COLUMNS * PATCH + i % PATCH;
                    patches[p][i] = pixels[((image * ROWS * PATCH + y) * width + x) * 3 + channel];
                }
            }
            return patches;
        }

        private static long[] flat(long[][] ofImages) {
            long[] flat = new long[2 * ofImages[0].length];
            for (int i = 0; i < flat.length; i++) {
                int image = i / ofImages[0].length;
                flat[i] = (long) image * ROWS * COLUMNS + ofImages[image][i % ofImages[0].length];
            }
            return flat;
        }

        @Override
        public void close() {
            graph.close();
        }
    }
}
