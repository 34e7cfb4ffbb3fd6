package org.capi.eval.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DictionaryTest {

    /** What scikit-learn 1.9.1's dict_learning (method "cd", alpha 1, tol 1e-8) ends at for the same rows. */
    @ParameterizedTest
    @CsvSource({"3, 802.1104422", "6, 594.0212639"})
    void theCostIsNoHigherThanThatOfScikitLearn(int atoms, double cost) {
        assertThat(Dictionary.learn(rows(), atoms, 1, 2).objective()).isLessThan(cost * 1.005);
    }

    @Test
    void oneAtomTakesUpRowsOfOneDirection() {
        double[][] rows = {{3, 4}, {-6, -8}, {0.3, 0.4}};
        double[][] codes = Dictionary.learn(rows, 1, 1, 1).codes();
        assertThat(Math.abs(codes[0][0])).isCloseTo(4, within(1e-6)); // 5 less the price
        assertThat(codes[1][0]).isCloseTo(-9 * Math.signum(codes[0][0]), within(1e-6));
        assertThat(codes[2][0]).isZero();
    }

    @Test
    void theSameRowsGiveTheSameCodes() {
        assertThat(Dictionary.learn(rows(), 3, 1, 1).codes())
                .isDeepEqualTo(Dictionary.learn(rows(), 3, 1, 2).codes());
    }

    @Test
    void moreAtomsThanValuesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dictionary.learn(rows(), 9, 1, 1))
                .withMessageEndingWith("8, was 9");
    }

    @Test
    void codesAreMixedByMagnitudeAndClipped() {
        double[][] codes = {{-1, 0.5, 0}, {2, 2, 0}};
        double largest = DictionaryPictures.largest(codes);
        assertThat(DictionaryPictures.mixture(codes[0], largest)).isEqualTo(0x7f3f00);
        assertThat(DictionaryPictures.mixture(codes[1], largest)).isEqualTo(0xffff00);
    }

    @Test
    void sixAtomsAreThePrimaryColoursAndTheirMixtures() {
        assertThat(DictionaryPictures.colour(6, 0)).isEqualTo(0xff0000);
        assertThat(DictionaryPictures.colour(6, 3)).isEqualTo(0x00ffff);
        assertThat(DictionaryPictures.colour(10, 0)).isEqualTo(0x1f77b4);
    }

    private static double[][] rows() {
        double[][] rows = new double[60][8];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows[i].length; j++) {
                rows[i][j] = 3 * Math.sin(0.7 * i + 1.3 * j) + 2 * Math.cos(2.1 * i * j) + Math.sin(0.05 * i * i + j);
            }
        }
        return rows;
    }
}
