package org.capi.eval.features;

import static org.assertj.core.api.Assertions.assertThat;

import org.capi.golden.Golden;
import org.capi.golden.GoldenAssertions;
import org.capi.golden.NpyArray;
import org.capi.savedmodels.Features;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;

class GoldenRepresentationTest {

    private final Golden golden = Golden.fixture("eval");

    @BeforeAll
    static void requireFixture() {
        Assumptions.assumeTrue(Golden.hasFixture("eval"), "these golden numbers have no fixture eval");
    }

    @ParameterizedTest
    @CsvSource({
        "GLOBAL, out_cls",
        "AVG_PATCH, out_avg_patch",
        "BOTH, out_cls_avg_patch",
        "REGISTERS, out_reg",
        "PATCHES, out_patch"
    })
    void theyAreThoseOfTheReference(Representation representation, String array) {
        Assumptions.assumeTrue(golden.has("wrapper/" + array), "these golden numbers have no array " + array);
        var features = new Features(read("global_repr"), read("registers"), read("feature_map"));
        NpyArray expected = golden.array("wrapper/" + array);
        float[][] rows = representation.of(features);
        float[] all = new float[expected.floats().length];
        assertThat(rows).hasDimensions(expected.size(0), all.length / expected.size(0));
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, all, i * rows[i].length, rows[i].length);
        }
        // Means alone are computed; the others are the same numbers in another place.
        boolean mean = representation == Representation.AVG_PATCH || representation == Representation.BOTH;
        double tolerance = mean ? Math.max(1e-6, golden.tolerance("wrapper/" + array)) : 0;
        GoldenAssertions.assertWithin(expected.doubles(), all, tolerance, array);
        int vectors = expected.shape().length == 3 ? expected.size(1) : 1;
        assertThat(representation.shape(features, rows[0].length).vectors()).isEqualTo(vectors);
    }

    private FloatNdArray read(String name) {
        NpyArray array = golden.array("wrapper/" + name);
        return NdArrays.wrap(Shape.of(array.shape()), DataBuffers.of(array.floats(), false, false));
    }
}
