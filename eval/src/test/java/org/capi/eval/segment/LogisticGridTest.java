package org.capi.eval.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.capi.eval.rows.FeatureRows.FloatRows;
import org.capi.eval.segment.LogisticRegression.LinearClassifier;
import org.junit.jupiter.api.Test;

/** The whole grid of C against scikit-learn's solutions, which src/test/python/make_logistic.py wrote. */
class LogisticGridTest {

    private static final int ROWS = 1200;
    private static final int QUERIES = 800;
    private static final int DIM = 12;
    private static final int CLASSES = 5;
    private static final double SEPARATING_C = 1e5;

    @Test
    void theCostIsThatOfScikitLearnAndThePredictionsAreItsOwn() throws IOException {
        float[] values = values(ROWS + QUERIES, 4);
        byte[] labels = labels(ROWS);
        var train = new FloatRows(Arrays.copyOf(values, ROWS * DIM), DIM);
        var testRows = new FloatRows(Arrays.copyOfRange(values, ROWS * DIM, values.length), DIM);
        JsonNode points = read().get("points");
        assertThat(points).hasSize(SegmentSettings.CS.size());
        try (var regression =
                new LogisticRegression(train, labels, SegmentSettings.TOLERANCE, SegmentSettings.MAX_ITERATIONS, 2)) {
            for (int i = 0; i < points.size(); i++) {
                double c = SegmentSettings.CS.get(i);
                assertThat(c).isCloseTo(points.get(i).get("c").asDouble(), within(1e-9 * c));
                LinearClassifier fitted = regression.fit(c);
                double expected = points.get(i).get("objective").asDouble();
                assertThat(fitted.objective()).as("C " + c).isCloseTo(expected, within(1e-4 * expected));
                assertThat(alike(
                                fitted.predict(testRows),
                                points.get(i).get("named").asText()))
                        .as("C " + c)
                        .isGreaterThanOrEqualTo(0.995);
            }
        }
    }

    @Test
    void rowsThatAHyperplaneTellsApartAreFittedAsCloselyAsScikitLearnFitsThem() throws IOException {
        JsonNode cases = read().get("separable");
        assertThat(cases).hasSize(2);
        for (JsonNode one : cases) {
            double expected = one.get("lbfgs").get("objective").asDouble() / ROWS;
            for (List<Double> cs : List.of(List.of(SEPARATING_C), SegmentSettings.CS)) {
                LinearClassifier fitted = separated(one, cs, SegmentSettings.TOLERANCE);
                assertThat(fitted.objective() / ROWS).isBetween(0.0, expected + 1e-4);
            }
        }
    }

    @Test
    void theMinimumIsFoundWhereAlmostNothingIsLost() throws IOException {
        for (JsonNode one : read().get("separable")) {
            double expected = one.get("minimum").get("objective").asDouble();
            LinearClassifier fitted = separated(one, List.of(SEPARATING_C), 1e-9);
            assertThat(fitted.objective()).isCloseTo(expected, within(1e-6));
        }
    }

    /** The last fit of rows that can be told apart; it must end by itself, with finite weights that tell them apart. */
    private static LinearClassifier separated(JsonNode one, List<Double> cs, double tolerance) {
        assertThat(one.get("c").asDouble()).isEqualTo(SEPARATING_C);
        assertThat(cs.get(cs.size() - 1)).isEqualTo(SEPARATING_C);
        byte[] labels = labels(ROWS);
        var rows = new FloatRows(values(ROWS, one.get("noise_width").asDouble()), DIM);
        try (var regression = new LogisticRegression(rows, labels, tolerance, SegmentSettings.MAX_ITERATIONS, 2)) {
            List<LinearClassifier> fits = cs.stream().map(regression::fit).toList();
            LinearClassifier last = fits.get(fits.size() - 1);
            assertThat(last.gradient()).isLessThanOrEqualTo(tolerance);
            assertThat(last.iterations()).isLessThan(SegmentSettings.MAX_ITERATIONS);
            assertThat(Arrays.stream(last.weights()).allMatch(Double::isFinite)).isTrue();
            assertThat(last.predict(rows)).isEqualTo(labels);
            return last;
        }
    }

    private static double alike(byte[] named, String expected) {
        return IntStream.range(0, named.length)
                        .filter(i -> named[i] == expected.charAt(i) - '0')
                        .count()
                / (double) expected.length();
    }

    /** Rows around the centres of their classes. */
    private static float[] values(int rows, double noiseWidth) {
        float[] values = new float[rows * DIM];
        for (int i = 0; i < values.length; i++) {
            double centre = drawn(2_000_000 + label(i / DIM) * DIM + i % DIM) - 0.5;
            values[i] = (float) (noiseWidth * (drawn(i) - 0.5) + centre);
        }
        return values;
    }

    private static byte[] labels(int rows) {
        byte[] labels = new byte[rows];
        for (int row = 0; row < rows; row++) {
            labels[row] = (byte) label(row);
        }
        return labels;
    }

    private static int label(int row) {
        return (int) (drawn(row + 1_000_000) * CLASSES);
    }

    /** A number from 0 to 1 for each place. */
    private static double drawn(int place) {
        int x = (place ^ place >>> 16) * 0x7feb352d;
        x = (x ^ x >>> 15) * 0x846ca68b;
        return Integer.toUnsignedLong(x ^ x >>> 16) * 0x1p-32;
    }

    private static JsonNode read() throws IOException {
        try (var file = LogisticGridTest.class.getResourceAsStream("logistic-grid.json")) {
            return new ObjectMapper().readTree(file);
        }
    }
}
