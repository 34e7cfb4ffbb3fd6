package org.capi.eval.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.capi.data.Progress;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.FeatureRows.FloatRows;
import org.capi.eval.search.ExactKnn.Distance;
import org.capi.eval.search.ExactKnn.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ExactKnnTest {

    private static final Progress UNHEARD = (done, total) -> {};
    private static final int DIM = 19;

    private final FeatureRows bank = random(700, 1);
    private final FeatureRows queries = random(101, 2);

    @ParameterizedTest
    @CsvSource({"COSINE, BFLOAT16", "COSINE, FLOAT32", "L2, BFLOAT16", "L2, FLOAT32"})
    void theNeighboursAreThoseOfAPlainLoop(Distance metric, Precision precision) {
        Neighbours nearest = new ExactKnn(7, metric, precision, 2).among(bank, queries, 96, UNHEARD);
        for (int query = 0; query < queries.size(); query++) {
            assertThat(rows(nearest, query)).containsExactly(plain(metric, query, 7));
        }
    }

    @Test
    void distancesAreMeasuredOutInFull() {
        Neighbours nearest = new ExactKnn(1, Distance.L2, Precision.BFLOAT16, 1).among(bank, queries, UNHEARD);
        for (int query = 0; query < queries.size(); query++) {
            assertThat(nearest.distance(query, 0))
                    .isCloseTo(distance(bank, Distance.L2, query, nearest.row(query, 0)), within(1e-12));
        }
    }

    @ParameterizedTest
    @CsvSource({"COSINE, BFLOAT16", "L2, BFLOAT16", "COSINE, FLOAT32", "L2, FLOAT32"})
    void ofEquallyNearRowsTheSmallestComeFirst(Distance metric, Precision precision) {
        FeatureRows one = bank.only(new int[] {0});
        FeatureRows same = bank.only(new int[50]);
        Neighbours nearest = new ExactKnn(20, metric, precision, 2).among(bank.and(same), one, 64, UNHEARD);
        assertThat(nearest.row(0, 0)).isZero();
        for (int i = 1; i < 20; i++) {
            assertThat(nearest.row(0, i)).isEqualTo(bank.size() + i - 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "3", "10", "100", "3000", "4200"})
    void anyNumberOfNeighboursIsTheBeginningOfAFullSort(int k) {
        FeatureRows repeated =
                bank.only(new Random(4).ints(6L * bank.size(), 0, bank.size()).toArray());
        for (Distance metric : Distance.values()) {
            Neighbours nearest =
                    new ExactKnn(k, metric, Precision.ofThisMachine(), 2).among(repeated, queries, 512, UNHEARD);
            for (int query = 0; query < queries.size(); query++) {
                assertThat(rows(nearest, query)).containsExactly(plain(repeated, metric, query, k));
                double last = distance(repeated, metric, query, nearest.row(query, k - 1));
                assertThat(nearest.distance(query, k - 1)).isCloseTo(last, within(1e-12));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"3", "48", "49", "100"})
    void theOrderInWhichRowsComeMakesNoDifference(int k) {
        var queriesRows = new FloatRows(new float[] {0}, 1);
        float[] nearing = new float[300]; // in pairs of equally near ones
        for (int i = 0; i < nearing.length; i++) {
            int pair = i / 2;
            nearing[i] = 300f - pair;
        }
        Neighbours nearest = new ExactKnn(k, Distance.L2, Precision.FLOAT32, 1)
                .among(new FloatRows(nearing, 1), queriesRows, UNHEARD);
        for (int i = 0; i < k; i++) {
            int pair = i / 2;
            assertThat(nearest.row(0, i)).isEqualTo(298 - 2 * pair + i % 2);
            assertThat(nearest.distance(0, i)).isEqualTo(151.0 + pair);
        }
    }

    @Test
    void rowsOfVeryDifferentLengthsAreRankedRight() {
        var draws = new Random(3);
        float[] values = bank.toArray();
        for (int row = 0; row < bank.size(); row++) {
            float factor = (float) Math.exp(4 * draws.nextGaussian());
            for (int d = 0; d < DIM; d++) {
                values[row * DIM + d] *= factor;
            }
        }
        FeatureRows uneven = new FloatRows(values, DIM);
        Neighbours nearest = new ExactKnn(5, Distance.COSINE, Precision.BFLOAT16, 2).among(uneven, queries, UNHEARD);
        for (int query = 0; query < queries.size(); query++) {
            assertThat(rows(nearest, query)).containsExactly(plain(Distance.COSINE, query, 5));
        }
        Neighbours near = new ExactKnn(5, Distance.L2, Precision.BFLOAT16, 2).among(uneven, uneven, 128, UNHEARD);
        for (int row = 0; row < uneven.size(); row++) {
            assertThat(near.row(row, 0)).isEqualTo(row);
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void aRowOfZerosIsAtOneFromAll(Precision precision) {
        var rows = new FloatRows(new float[] {1, 0, 0, 0, -1, 0, 1, 1}, 2);
        var queriesRows = new FloatRows(new float[] {3, 0, 0, 0}, 2);
        Neighbours nearest = new ExactKnn(4, Distance.COSINE, precision, 1).among(rows, queriesRows, UNHEARD);
        assertThat(rows(nearest, 0)).containsExactly(0, 3, 1, 2);
        assertThat(nearest.distance(0, 2)).isEqualTo(1);
        assertThat(rows(nearest, 1)).containsExactly(0, 1, 2, 3);
        assertThat(nearest.distance(1, 3)).isEqualTo(1);
    }

    @Test
    void moreNeighboursThanRowsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ExactKnn(701, Distance.L2, Precision.FLOAT32, 1).among(bank, queries, UNHEARD))
                .withMessage("k must be at most the number of rows to search, 700, was 701");
    }

    @Test
    void progressReachesTheEnd() {
        long[] heard = new long[2];
        new ExactKnn(1, Distance.L2, Precision.FLOAT32, 1).among(bank, queries, 100, (done, total) -> {
            heard[0] = done;
            heard[1] = total;
        });
        assertThat(heard).containsExactly(7, 7);
    }

    private int[] plain(Distance metric, int query, int k) {
        return plain(bank, metric, query, k);
    }

    private int[] plain(FeatureRows among, Distance metric, int query, int k) {
        double[] distances = IntStream.range(0, among.size())
                .mapToDouble(row -> distance(among, metric, query, row))
                .toArray();
        return IntStream.range(0, among.size())
                .boxed()
                .sorted(Comparator.comparingDouble(row -> distances[row]))
                .limit(k)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private double distance(FeatureRows among, Distance metric, int query, int row) {
        float[] q = new float[DIM];
        float[] b = new float[DIM];
        queries.read(query, 1, q, 0);
        among.read(row, 1, b, 0);
        double squares = 0;
        double product = 0;
        double ofQuery = 0;
        double ofRow = 0;
        for (int d = 0; d < DIM; d++) {
            squares += ((double) q[d] - b[d]) * ((double) q[d] - b[d]);
            product += (double) q[d] * b[d];
            ofQuery += (double) q[d] * q[d];
            ofRow += (double) b[d] * b[d];
        }
        return metric == Distance.L2 ? Math.sqrt(squares) : 1 - product / Math.sqrt(ofQuery * ofRow);
    }

    private static int[] rows(Neighbours nearest, int query) {
        return IntStream.range(0, nearest.k()).map(i -> nearest.row(query, i)).toArray();
    }

    private static FeatureRows random(int rows, long seed) {
        var draws = new Random(seed);
        float[] values = new float[rows * DIM];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) draws.nextGaussian();
        }
        return new FloatRows(values, DIM);
    }
}
