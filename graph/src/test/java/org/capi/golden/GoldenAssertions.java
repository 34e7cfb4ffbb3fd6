package org.capi.golden;

import static org.assertj.core.api.Assertions.assertThat;

/** Compares results with golden arrays by the fixtures' own yardstick. */
public final class GoldenAssertions {

    private GoldenAssertions() {}

    /** Asserts that every value is as close to the array's as a right float32 computation must be. */
    public static void assertGolden(Golden golden, String array, float[] actual) {
        assertWithin(golden.array(array).doubles(), actual, golden.tolerance(array), array);
    }

    /** Asserts that every value is within a tolerance of the expected one. */
    public static void assertWithin(double[] expected, float[] actual, double tolerance, String what) {
        assertThat(actual).as(what).hasSize(expected.length);
        int worst = 0;
        for (int i = 1; i < expected.length; i++) {
            // A NaN is the worst of all.
            if (!(Math.abs(actual[i] - expected[i]) <= Math.abs(actual[worst] - expected[worst]))) {
                worst = i;
            }
        }
        assertThat(Math.abs(actual[worst] - expected[worst]))
                .as(what + "[" + worst + "] is " + actual[worst] + ", expected " + expected[worst])
                .isLessThanOrEqualTo(tolerance);
    }
}
