package org.capi.graph.pretrain;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.capi.golden.GoldenAssertions.assertWithin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.capi.graph.Parameters;
import org.capi.graph.TestGraph;
import org.capi.graph.Workers;
import org.capi.graph.clustering.ClusteringConfig;
import org.capi.graph.clustering.ClusteringHead;
import org.capi.graph.clustering.SinkhornKnopp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

class ChunkedClusteringTest {

    private static final int POSITIONS = 7;
    private static final int IMAGES = 6;
    private static final int DIM = 5;
    private static final int PROTOTYPES = 9;

    @ParameterizedTest
    @CsvSource({"POSITIONWISE, 1", "POSITIONWISE, 3", "STANDARD, 1", "STANDARD, 3"})
    void aFewPositionsAtATimeGiveTheTargetsLossAndGradientsOfAllAtOnce(SinkhornKnopp.Grouping samples, int atOnce) {
        float[][] whole = results(samples, POSITIONS, 3);
        float[][] chunks = results(samples, atOnce, 3);
        assertThat(chunks).hasSameDimensionsAs(whole);
        for (int i = 0; i < whole.length; i++) {
            assertWithin(widened(whole[i]), chunks[i], 1e-6, "result " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 5})
    void chunksNormalisedTogetherAgreeAfterAnyNumberOfIterations(int iterations) {
        float[][] whole = results(SinkhornKnopp.Grouping.STANDARD, POSITIONS, iterations);
        float[][] chunks = results(SinkhornKnopp.Grouping.STANDARD, 2, iterations);
        for (int i = 0; i < whole.length; i++) {
            double most = Arrays.stream(widened(whole[i])).map(Math::abs).max().orElseThrow();
            assertWithin(widened(whole[i]), chunks[i], 1e-5 * Math.max(1, most), "result " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "3, 3", "7, 3", "3, 1", "7, 5"})
    void recomputationGivesTheTargetsLossAndGradientsOfStoredAssignments(int atOnce, int iterations) {
        float[][] stored = results(SinkhornKnopp.Grouping.POSITIONWISE, POSITIONS, iterations, false);
        float[][] recomputed = results(SinkhornKnopp.Grouping.POSITIONWISE, atOnce, iterations, true);
        assertThat(recomputed).hasSameDimensionsAs(stored);
        for (int i = 0; i < stored.length; i++) {
            assertWithin(widened(stored[i]), recomputed[i], 2e-6, "result " + i);
        }
    }

    @Test
    void largeLogitsAreDoneInChunksAndSmallOnesAtOnce() {
        assertThat(atOnce(SinkhornKnopp.Grouping.POSITIONWISE, Shape.of(256, 128, 8), 16384))
                .isEqualTo(16);
        assertThat(atOnce(SinkhornKnopp.Grouping.POSITIONWISE, Shape.of(256, 2048, 8), 16384))
                .isEqualTo(8);
        assertThat(atOnce(SinkhornKnopp.Grouping.POSITIONWISE, Shape.of(64, 32, 8), 2048))
                .isEqualTo(64);
        assertThat(atOnce(SinkhornKnopp.Grouping.POSITIONWISE, Shape.of(4, 8192, 8), 16384))
                .isEqualTo(1);
        assertThat(atOnce(SinkhornKnopp.Grouping.STANDARD, Shape.of(256, 128, 8), 16384))
                .isEqualTo(16);
    }

    @Test
    void aPassThatComputesItsMatricesAgainTakesSixteenTimesAsManyPositions() {
        assertThat(atOnce(SinkhornKnopp.Grouping.POSITIONWISE, Shape.of(256, 256, 8), 16384, true))
                .isEqualTo(128);
        assertThat(atOnce(SinkhornKnopp.Grouping.POSITIONWISE, Shape.of(16, 32, 8), 2048, true))
                .isEqualTo(16);
    }

    private static int atOnce(SinkhornKnopp.Grouping samples, Shape features, int prototypes) {
        return atOnce(samples, features, prototypes, false);
    }

    private static int atOnce(SinkhornKnopp.Grouping samples, Shape features, int prototypes, boolean recomputed) {
        try (TestGraph graph = new TestGraph()) {
            var params = Parameters.create(graph.tf(), TFloat32.class, 0);
            var head = ClusteringHead.create(params, 8, config(prototypes, samples, 3));
            return ChunkedClustering.of(head, params.list(), features, recomputed)
                    .positionsAtOnce();
        }
    }

    private static float[][] results(SinkhornKnopp.Grouping samples, int positionsAtOnce, int iterations) {
        return results(samples, positionsAtOnce, iterations, false);
    }

    private static float[][] results(
            SinkhornKnopp.Grouping samples, int positionsAtOnce, int iterations, boolean recomputed) {
        var random = new Random(2);
        float[] values = new float[POSITIONS * IMAGES * DIM];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var params = Parameters.create(tf, TFloat32.class, 1);
            var head = ClusteringHead.create(params, DIM, config(PROTOTYPES, samples, iterations));
            graph.initialize(params.list());
            var features = tf.constant(Shape.of(POSITIONS, IMAGES, DIM), DataBuffers.of(values));
            var predicted = tf.constant(new long[] {0, 3, 8, 13, 14, 19, 21, 27, 29, 32, 35, 41});
            var pass = new ChunkedClustering<>(head, params.list(), positionsAtOnce);
            var outcome = recomputed
                    ? pass.recomputed(tf, features, predicted, Workers.ALONE)
                    : pass.apply(tf, features, predicted, Workers.ALONE);
            List<Operand<TFloat32>> wanted = new ArrayList<>(outcome.gradients());
            wanted.add(outcome.rows());
            wanted.add(requireNonNull(outcome.loss()));
            wanted.add(outcome.prototypeCounts(tf));
            return wanted.stream().map(graph::value).toArray(float[][]::new);
        }
    }

    private static double[] widened(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private static ClusteringConfig config(int prototypes, SinkhornKnopp.Grouping samples, int iterations) {
        return new ClusteringConfig(prototypes, 0.12, 0.06, 0.12, iterations, samples, true);
    }
}
