package org.capi.eval.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.capi.eval.rows.FloatRows;
import org.junit.jupiter.api.Test;

/** The whole grid of C beside scikit-learn's solutions, which src/test/python/make_logistic.py wrote. */
class LogisticGridTest {

    private static final int ROWS = 1200;
    private static final int ASKED = 800;
    private static final int DIM = 12;
    private static final int CLASSES = 5;

    @Test
    void theCostIsThatOfScikitLearnAndThePredictionsAreItsOwn() throws IOException {
        float[] values = new float[(ROWS + ASKED) * DIM];
        byte[] labels = new byte[ROWS + ASKED];
        for (int i = 0; i < values.length; i++) {
            int label = label(i / DIM);
            labels[i / DIM] = (byte) label;
            values[i] = (float) (4 * (drawn(i) - 0.5) + (drawn(2_000_000 + label * DIM + i % DIM) - 0.5));
        }
        var train = new FloatRows(Arrays.copyOf(values, ROWS * DIM), DIM);
        var asked = new FloatRows(Arrays.copyOfRange(values, ROWS * DIM, values.length), DIM);
        JsonNode points = read().get("points");
        assertThat(points).hasSize(SegmentSettings.CS.size());
        try (var regression = new LogisticRegression(
                train, Arrays.copyOf(labels, ROWS), SegmentSettings.TOLERANCE, SegmentSettings.MAX_ITERATIONS, 2)) {
            for (int i = 0; i < points.size(); i++) {
                double c = SegmentSettings.CS.get(i);
                assertThat(c).isCloseTo(points.get(i).get("c").asDouble(), within(1e-9 * c));
                LinearClassifier fitted = regression.fit(c);
                double expected = points.get(i).get("objective").asDouble();
                assertThat(fitted.objective()).as("C " + c).isCloseTo(expected, within(1e-4 * expected));
                assertThat(alike(
                                fitted.predict(asked),
                                points.get(i).get("named").asText()))
                        .as("C " + c)
                        .isGreaterThanOrEqualTo(0.995);
            }
        }
    }

    private static double alike(byte[] named, String expected) {
        return IntStream.range(0, named.length)
                        .filter(i -> named[i] == expected.charAt(i) - '0')
                        .count()
                / (double) expected.length();
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
