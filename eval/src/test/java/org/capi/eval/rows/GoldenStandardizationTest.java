package org.capi.eval.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.capi.golden.GoldenAssertions.assertWithin;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.capi.eval.rows.FeatureRows.FloatRows;
import org.capi.eval.rows.Standardization.Fitted;
import org.capi.golden.Golden;
import org.capi.golden.NpyArray;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoldenStandardizationTest {

    private static final double CLOSE = 1e-5;
    private static final Pattern CONSTANTS = Pattern.compile("\\(([-+.\\d]+) in train, ([-+.\\d]+) in test\\)");

    private final Golden golden = Golden.fixture("eval");

    @BeforeAll
    static void requireFixture() {
        Assumptions.assumeTrue(Golden.hasFixture("eval"), "these golden numbers have no fixture eval");
    }

    @ParameterizedTest
    @CsvSource({
        "center, center",
        "center_div, center_div",
        "standard, StandardScaler",
        "robust, RobustScaler",
        "pca, pca",
        "pca_whiten, pca_whiten"
    })
    void theNumbersAreThoseOfTheReference(String name, String array) {
        FeatureRows train = rows("seg/train_features");
        Fitted fitted = Standardization.named(name).fit(train);
        same(fitted.of(train), "standardize/" + array + "_train");
        same(fitted.of(rows("seg/test_features")), "standardize/" + array + "_test");
    }

    @ParameterizedTest
    @CsvSource({"center, center", "standard, StandardScaler", "robust, RobustScaler"})
    void aColumnThatNeverChangesIsDividedByOne(String name, String array) {
        String expected = "standardize/" + array + "_constcol_test";
        Matcher constants = CONSTANTS.matcher(golden.text(expected, "meaning"));
        assertThat(constants.find()).as(golden.text(expected, "meaning")).isTrue();
        FeatureRows train = withColumn(rows("seg/train_features"), Float.parseFloat(constants.group(1)));
        FeatureRows test = withColumn(rows("seg/test_features"), Float.parseFloat(constants.group(2)));
        same(Standardization.named(name).fit(train).of(test), expected);
    }

    @Test
    void theAxesAndVariancesAreThoseOfTheReference() {
        Covariance covariance = Covariance.of(rows("seg/train_features"));
        double[] axes = golden.array("standardize/pca_components").doubles();
        double[] variances = golden.array("standardize/pca_explained_variance").doubles();
        for (int i = 0; i < axes.length; i++) {
            assertThat(covariance.axes()[i]).isCloseTo(axes[i], within(CLOSE));
        }
        for (int i = 0; i < variances.length; i++) {
            assertThat(covariance.variances()[i]).isCloseTo(variances[i], within(CLOSE * variances[0]));
        }
    }

    private void same(FeatureRows rows, String array) {
        assertWithin(golden.array(array).doubles(), rows.toArray(), Math.max(CLOSE, golden.tolerance(array)), array);
    }

    private FeatureRows rows(String array) {
        NpyArray values = golden.array(array);
        return new FloatRows(values.floats(), values.size(1));
    }

    private static FeatureRows withColumn(FeatureRows rows, float value) {
        int dim = rows.dim();
        float[] all = rows.toArray();
        float[] wider = new float[rows.size() * (dim + 1)];
        for (int row = 0; row < rows.size(); row++) {
            System.arraycopy(all, row * dim, wider, row * (dim + 1), dim);
            wider[row * (dim + 1) + dim] = value;
        }
        return new FloatRows(wider, dim + 1);
    }
}
