package org.capi.savedmodels.weights;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElementTypeTest {

    @ParameterizedTest
    @CsvSource({
        "0x0000, 0",
        "0x8000, -0.0",
        "0x3c00, 1",
        "0xc000, -2",
        "0x7bff, 65504",
        "0x0400, 6.103515625e-5",
        "0x0001, 5.9604644775390625e-8",
        "0x03ff, 6.097555160522461e-5",
        "0x3555, 0.333251953125",
        "0x7c00, Infinity",
        "0xfc00, -Infinity",
        "0x7e00, NaN"
    })
    void halvesAreWidenedExactly(String bits, float value) {
        assertThat(ElementType.half((short) Integer.decode(bits).intValue())).isEqualTo(Float.valueOf(value));
    }

    @Test
    void wholeNumbersAreNoWeights() {
        assertThat(ElementType.INT64.isFloating()).isFalse();
        assertThat(ElementType.BFLOAT16.isFloating()).isTrue();
    }
}
