package org.capi.eval.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.capi.eval.rows.FeatureRows.FloatRows;
import org.junit.jupiter.api.Test;
import org.tensorflow.types.TFloat64;

class SoftmaxLossTest {

    private static final int ROWS = 70_000;
    private static final int DIM = 3;

    /** 35 chunks of 2,048 rows, more than are computed at once. */
    @Test
    void rowsThatAreReadAgainGiveTheNumbersOfRowsThatAreHeld() {
        float[] values = new float[ROWS * DIM];
        int[] labels = new int[ROWS];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 2_654_435_761L % 1000) / 500f - 1;
            labels[i / DIM] = i / DIM % 4;
        }
        var rows = new FloatRows(values, DIM);
        double[] point = new double[4 * (DIM + 1)];
        Arrays.setAll(point, i -> Math.sin(i));
        double[] heldGradient = new double[point.length];
        double[] readGradient = new double[point.length];
        try (var held = new LogisticRegression.SoftmaxLoss(TFloat64.class, rows, labels, 4, 2, Long.MAX_VALUE);
                var read = new LogisticRegression.SoftmaxLoss(TFloat64.class, rows, labels, 4, 1, 0)) {
            double loss = held.at(point, heldGradient);
            assertThat(loss).isEqualTo(read.at(point, readGradient)).isGreaterThan(ROWS * Math.log(4) / 2);
        }
        assertThat(heldGradient).isEqualTo(readGradient);
    }
}
