package org.capi.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CounterRandomTest {

    @Test
    void everyPathIsAStreamOfItsOwn() {
        assertThat(CounterRandom.of(1, 2, 3).bits())
                .isEqualTo(CounterRandom.of(1, 2, 3).bits())
                .isNotEqualTo(CounterRandom.of(1, 3, 2).bits())
                .isNotEqualTo(CounterRandom.of(1, 2).bits())
                .isNotEqualTo(CounterRandom.of(2, 2, 3).bits());
    }

    @Test
    void numbersAreSpreadEvenlyOverTheirRange() {
        var random = CounterRandom.of(9);
        double sum = 0;
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++) {
            double value = random.uniform(-2, 3);
            assertThat(value).isBetween(-2.0, 3.0);
            sum += value;
            counts[random.below(7)]++;
        }
        assertThat(sum / 70_000).isCloseTo(0.5, within(0.03)); // 5 standard errors
        assertThat(Arrays.stream(counts).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(9_500, 10_500));
    }

    @Test
    void firstDrawsOfNeighbouringStreamsAreIndependent() {
        int agreements = 0;
        for (int i = 0; i < 10_000; i++) {
            agreements += CounterRandom.of(1, i).below(2)
                            == CounterRandom.of(1, i + 1).below(2)
                    ? 1
                    : 0;
        }
        assertThat(agreements).isBetween(4_750, 5_250);
    }

    @Test
    void aBoundBelowOneIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CounterRandom.of(1).below(0));
    }
}
