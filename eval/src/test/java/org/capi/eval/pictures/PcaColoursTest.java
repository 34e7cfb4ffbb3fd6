package org.capi.eval.pictures;

import static org.assertj.core.api.Assertions.assertThat;

import org.capi.golden.Golden;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PcaColoursTest {

    @Test
    void theFlipsComeInTheOrderOfTheReference() {
        Assumptions.assumeTrue(Golden.hasFixture("eval"), "these golden numbers have no fixture eval");
        long[] expected = Golden.fixture("eval").array("viz/flip_directions").longs();
        for (int flip = 0; flip < 8; flip++) {
            for (int component = 0; component < 3; component++) {
                assertThat(PcaPictures.sign(flip, component)).isEqualTo((int) expected[3 * flip + component]);
            }
        }
    }

    @Test
    void onlyTheFirstThreeComponentsAreFlipped() {
        double[][] components = {{2.3}, {0.23}, {-2.3}, {1}};
        assertThat(PcaPictures.rgb(components, 7, 0)).isEqualTo(0xff8c00);
        assertThat(PcaPictures.rgb(components, 0, 0)).isEqualTo(0x0072ff);
        assertThat(PcaPictures.signs(2)).isEqualTo("+--");
    }

    /** What Moreland's map is at its ends and in its middle. */
    @ParameterizedTest
    @CsvSource({"-2.3, 59, 76, 192", "0, 221, 221, 221", "2.3, 180, 4, 38", "9, 180, 4, 38"})
    void coldIsBlueAndWarmIsRed(double value, int red, int green, int blue) {
        int colour = Palette.diverging(value);
        assertThat((colour >> 16) & 255).isBetween(red - 1, red + 1);
        assertThat((colour >> 8) & 255).isBetween(green - 1, green + 1);
        assertThat(colour & 255).isBetween(blue - 1, blue + 1);
    }
}
