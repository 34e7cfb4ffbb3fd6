package org.capi.train.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.capi.eval.report.Charts.Curves.Point;
import org.capi.train.watch.RunPage.ThinnedSeries;
import org.junit.jupiter.api.Test;

class ThinnedSeriesTest {

    @Test
    void fewValuesStayAsTheyAre() {
        var series = new ThinnedSeries();
        series.add(1, 5);
        series.add(2, Double.NaN);
        series.add(3, 7);
        assertThat(series.points()).containsExactly(new Point(1, 5), new Point(3, 7));
    }

    @Test
    void manyValuesBecomeMeansOfNeighbours() {
        var series = new ThinnedSeries();
        for (int step = 1; step <= 100_000; step++) {
            series.add(step, step);
        }
        var points = series.points();
        assertThat(points).hasSizeBetween(300, 599);
        for (int i = 1; i < points.size(); i++) {
            assertThat(points.get(i).step()).isGreaterThan(points.get(i - 1).step());
            assertThat(points.get(i).value()).isCloseTo((double) points.get(i).step(), within(400.0));
        }
    }
}
