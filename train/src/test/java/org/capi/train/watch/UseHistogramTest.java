package org.capi.train.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.tensorflow.proto.HistogramProto;

class UseHistogramTest {

    @Test
    void aPrototypeWithItsEqualShareCountsAtOne() {
        HistogramProto histogram = UseHistogram.of(new float[] {0.25f, 0.25f, 0.25f, 0.25f});
        int one = histogram.getBucketLimitList().indexOf(1.0);
        assertThat(histogram.getBucket(one)).isEqualTo(4);
        assertThat(histogram.getNum()).isEqualTo(4);
        assertThat(histogram.getMin()).isEqualTo(1);
        assertThat(histogram.getMax()).isEqualTo(1);
    }

    @Test
    void prototypesWithoutAnyAndWithAllFallIntoBucketsOfTheirOwn() {
        HistogramProto histogram = UseHistogram.of(new float[] {0, 0, 0, 1});
        assertThat(histogram.getBucket(0)).isEqualTo(3);
        assertThat(histogram.getBucket(histogram.getBucketLimitList().indexOf(4.0)))
                .isEqualTo(1);
        assertThat(histogram.getSum()).isCloseTo(4, within(1e-6));
        assertThat(histogram.getSumSquares()).isCloseTo(16, within(1e-6));
    }

    @Test
    void itsLimitsGrowAndTakeEverything() {
        var limits = UseHistogram.of(new float[] {1}).getBucketLimitList();
        assertThat(limits).isSorted().doesNotHaveDuplicates().endsWith(Double.MAX_VALUE);
    }
}
