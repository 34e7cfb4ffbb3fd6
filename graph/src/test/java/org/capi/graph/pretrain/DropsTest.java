package org.capi.graph.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.capi.graph.layer.StochasticDepth.Efficient;
import org.capi.graph.layer.StochasticDepth.Naive;
import org.capi.graph.pretrain.StepConfig.DepthConfig;
import org.capi.graph.pretrain.StepConfig.DepthKind;
import org.capi.graph.pretrain.StepInputs.Drops;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;

class DropsTest {

    private static final int ROUNDS = 20_000;

    @Test
    void everyImageAndEveryPairIsKeptAsOftenAsAnyOther() {
        var random = new Random(1);
        int[] single = new int[5];
        int[] pairs = new int[25];
        for (int round = 0; round < ROUNDS; round++) {
            long[] kept = Arrays.copyOf(Efficient.row(5, 0.4, random::nextDouble), 3);
            for (long a : kept) {
                single[(int) a]++;
                for (long b : kept) {
                    pairs[(int) (5 * a + b)]++;
                }
            }
        }
        for (int a = 0; a < 5; a++) {
            assertThat(single[a] / (double) ROUNDS).isCloseTo(0.6, within(0.02));
            for (int b = 0; b < 5; b++) {
                double expected = a == b ? 0.6 : 0.3; // 3/5 · 2/4
                assertThat(pairs[5 * a + b] / (double) ROUNDS).isCloseTo(expected, within(0.02));
            }
        }
    }

    @Test
    void aRowHasTheKeptImagesAndWhereEachImageIsAmongThem() {
        assertThat(Efficient.row(new long[] {3, 0}, 5)).containsExactly(3, 0, 1, -1, -1, 0, -1);
    }

    @Test
    void theNaiveKindKeepsAnImageWithItsProbability() {
        var random = new Random(1);
        double kept = Arrays.stream(Naive.row(ROUNDS, 0.2, random::nextDouble)).sum();
        assertThat(kept / ROUNDS).isCloseTo(0.8, within(0.02));
    }

    @Test
    void eachResidualHasARowOfItsOwnDraws() {
        var drops = new Drops(new DepthConfig(DepthKind.EFFICIENT, 0.5), 3, 4);
        try (var rows = drops.draw(residual -> new Random(residual)::nextDouble)) {
            assertThat(rows.shape()).isEqualTo(Shape.of(3, 6));
            for (int residual = 0; residual < 3; residual++) {
                long[] expected = Efficient.row(4, 0.5, new Random(residual)::nextDouble);
                for (int i = 0; i < 6; i++) {
                    assertThat(rows.getLong(residual, i)).isEqualTo(expected[i]);
                }
            }
        }
    }
}
