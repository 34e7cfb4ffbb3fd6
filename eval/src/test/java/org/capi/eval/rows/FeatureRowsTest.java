package org.capi.eval.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.capi.eval.rows.FeatureRows.FloatRows;
import org.junit.jupiter.api.Test;

class FeatureRowsTest {

    private final FeatureRows rows = new FloatRows(new float[] {0, 1, 10, 11, 20, 21, 30, 31}, 2);

    @Test
    void chosenRowsComeInTheOrderGiven() {
        assertThat(rows.only(new int[] {3, 0, 1, 2}).toArray()).containsExactly(30, 31, 0, 1, 10, 11, 20, 21);
    }

    @Test
    void someOfTheChosenRowsAreReadWhereTheyAreWanted() {
        float[] into = new float[6];
        rows.only(new int[] {3, 1, 2}).read(1, 2, into, 2);
        assertThat(into).containsExactly(0, 0, 10, 11, 20, 21);
    }

    @Test
    void joinedRowsAreReadAcrossTheSeam() {
        float[] into = new float[6];
        rows.and(new FloatRows(new float[] {40, 41, 50, 51}, 2)).read(3, 3, into, 0);
        assertThat(into).containsExactly(30, 31, 40, 41, 50, 51);
    }

    @Test
    void rowsOfOtherWidthsAreNotJoined() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rows.and(new FloatRows(new float[3], 3)))
                .withMessage("rows of 2 and of 3 values are no one table");
    }

    @Test
    void aValueWhoseMeanIsRoundedIsStillConstant() {
        float[] tenths = new float[97];
        Arrays.fill(tenths, 0.1f);
        FeatureRows constant = new FloatRows(tenths, 1);
        assertThat(Standardization.Moments.of(constant).deviations()).containsExactly(1);
    }

    @Test
    void oneRowHasNoPrincipalComponents() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Standardization.PCA.fit(new FloatRows(new float[3], 3)))
                .withMessage("principal components need at least 2 rows, there were 1");
    }

    @Test
    void anUnknownStandardizationIsRefusedWithThoseThatThereAre() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Standardization.named("whiten"))
                .withMessage("standardization must be one of none, center, center_div, standard, robust, pca,"
                        + " pca_whiten, was whiten");
    }
}
