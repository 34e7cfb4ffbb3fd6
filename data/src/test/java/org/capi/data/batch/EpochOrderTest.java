package org.capi.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.LongStream;
import org.capi.data.batch.SampleOrder.EpochOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EpochOrderTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 7, 8, 9, 100, 1023, 1024, 1025, 5000})
    void everyRowComesOnceInAnEpoch(long size) {
        assertThat(order(1, 3, size))
                .containsExactlyInAnyOrder(LongStream.range(0, size).toArray());
    }

    @Test
    void anotherEpochAndAnotherSeedGiveAnotherOrder() {
        assertThat(order(1, 0, 100)).isNotEqualTo(order(1, 1, 100)).isNotEqualTo(order(2, 0, 100));
        assertThat(order(1, 5, 100)).isEqualTo(order(1, 5, 100));
    }

    @Test
    void aRowsPlaceIsSpreadEvenlyOverTheEpochs() {
        double sum = 0;
        int firstHalf = 0;
        for (int epoch = 0; epoch < 2000; epoch++) {
            long row = new EpochOrder(7, epoch, 100).at(0);
            sum += row;
            firstHalf += row < 50 ? 1 : 0;
        }
        assertThat(sum / 2000).isCloseTo(49.5, within(3.0)); // 5 standard errors
        assertThat(firstHalf).isBetween(890, 1110);
    }

    private static long[] order(long seed, long epoch, long size) {
        var order = new EpochOrder(seed, epoch, size);
        return LongStream.range(0, size).map(order::at).toArray();
    }
}
