package org.capi.eval.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Numbers that numpy 2.4.6 gave. */
class NumpyPermutationTest {

    @Test
    void theOrderIsThatOfNumpy() {
        assertThat(NumpyPermutation.of(10, 42)).containsExactly(5, 6, 0, 7, 3, 2, 4, 9, 1, 8);
        assertThat(Arrays.copyOf(NumpyPermutation.of(70_000, 42), 8))
                .containsExactly(68143, 31172, 6037, 29920, 45886, 65638, 30909, 52293);
        assertThat(NumpyPermutation.of(7, 0)).containsExactly(2, 4, 3, 6, 5, 0, 1);
        assertThat(NumpyPermutation.of(7, 2_147_483_647)).containsExactly(6, 0, 4, 5, 3, 1, 2);
    }

    @Test
    void oneAndNoneHaveOneOrder() {
        assertThat(NumpyPermutation.of(1, 42)).containsExactly(0);
        assertThat(NumpyPermutation.of(0, 42)).isEmpty();
    }
}
