package org.capi.train.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.capi.eval.report.Charts.Histograms.Histogram;
import org.junit.jupiter.api.Test;

class BinsTest {

    @Test
    void bytesAreInTheLargestUnitThatGivesAWholeNumberOfThousands() {
        var counts = new TreeMap<>(Map.of(2_000_000_000L, 1L, 4_000_000_000L, 1L));
        assertThat(Bins.bytes("size", "bytes", counts).labels()).contains("2 GB", "4 GB");
        assertThat(DatasetPage.bytes(1_500)).isEqualTo("1.5 kB");
        assertThat(DatasetPage.bytes(999_949)).isEqualTo("999.9 kB");
        assertThat(DatasetPage.bytes(2_500_000)).isEqualTo("2.5 MB");
        assertThat(DatasetPage.bytes(48_000_000_000L)).isEqualTo("48.0 GB");
        assertThat(DatasetPage.bytes(1_234_000_000_000_000L)).isEqualTo("1,234.0 TB");
    }

    @Test
    void fewValuesHaveABarEach() {
        Histogram bars = Bins.values("Width", "pixels", new TreeMap<>(Map.of(224L, 10L, 500L, 3L)));
        assertThat(bars.counts()).containsExactly(10L, 3L);
        assertThat(bars.labels()).containsExactly("224", "500");
    }

    @Test
    void manyValuesFallBetweenRoundEdges() {
        var counts = new TreeMap<Long, Long>();
        for (long value = 101; value <= 210; value++) {
            counts.put(value, 1L);
        }
        Histogram bars = Bins.values("Width", "pixels", counts);
        assertThat(bars.labels()).containsExactly("100", "125", "160", "200", "250");
        assertThat(bars.counts()).containsExactly(24L, 35L, 40L, 11L);
    }

    @Test
    void aValueOnAnEdgeBelongsToTheBinThatBeginsThere() {
        assertThat(Bins.below(0)).isEqualTo(0);
        assertThat(Bins.below(99)).isEqualTo(80);
        assertThat(Bins.below(100)).isEqualTo(100);
        assertThat(Bins.below(1_999_999)).isEqualTo(1_600_000);
        assertThat(Bins.below(Long.MAX_VALUE)).isPositive();
    }

    @Test
    void bytesAreWrittenWithTheirUnits() {
        var counts = new TreeMap<>(Map.of(640L, 1L, 1000L, 2L, 1250L, 3L));
        assertThat(Bins.bytes("File size", "bytes", counts).labels())
                .containsExactly("640 B", "800 B", "1 kB", "1.25 kB", "1.6 kB");
        assertThat(Bins.bytes("File size", "bytes", counts).counts()).containsExactly(1L, 0L, 2L, 3L);
    }

    @Test
    void anAspectIsTheNearestCommonOne() {
        var counts = new TreeMap<Integer, Long>();
        int[][] sizes = {{500, 375}, {640, 480}, {224, 224}, {300, 400}, {65500, 8}};
        for (int[] size : sizes) {
            counts.merge(Bins.aspect(size[0], size[1]), 1L, Long::sum);
        }
        Histogram bars = Bins.aspects("Aspect", "width : height", counts);
        assertThat(bars.labels()).containsExactly("3:4", "1:1", "4:3", "3:2", "16:9", "2:1", "≥ 3:1");
        assertThat(bars.counts()).containsExactly(1L, 1L, 2L, 0L, 0L, 0L, 1L);
    }
}
