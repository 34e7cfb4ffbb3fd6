package org.capi.eval.knn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.capi.eval.features.FeatureTable;
import org.capi.golden.Golden;
import org.capi.golden.NpyArray;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoldenNeighboursTest {

    private final Golden golden = Golden.fixture("eval");

    @BeforeAll
    static void requireFixture() {
        Assumptions.assumeTrue(Golden.hasFixture("eval"), "these golden numbers have no fixture eval");
    }

    @ParameterizedTest
    @CsvSource({"COSINE, seg/dist_cosine", "L2, seg/dist_L2"})
    void theNearestOneIsThatOfTheReference(Likeness likeness, String array) {
        NpyArray distances = golden.array(array);
        int train = distances.size(1);
        double[] expected = distances.doubles();
        // Each row of the bank is a class of its own, so that the class named is the row.
        FeatureTable bank = table(bank(train), train);
        FeatureTable queries = table(rows(distances.size(0)), train);
        int[] named = new NearestNeighbours(1, 1, likeness, Vote.PLAIN).classify(bank, queries);
        for (int query = 0; query < named.length; query++) {
            int nearest = 0;
            for (int row = 1; row < train; row++) {
                nearest = expected[query * train + row] < expected[query * train + nearest] ? row : nearest;
            }
            assertThat(named[query]).isEqualTo(nearest);
        }
    }

    private float[][] bank(int size) {
        NpyArray all = golden.array("seg/train_std");
        if (all.size(0) == size) {
            return split(all);
        }
        float[][] every = split(all);
        long[] kept = golden.array("seg/train_kept").longs();
        float[][] chosen = new float[size][];
        boolean flags = kept.length == every.length;
        int at = 0;
        for (int i = 0; i < kept.length; i++) {
            if (!flags || kept[i] != 0) {
                chosen[at++] = every[flags ? i : (int) kept[i]];
            }
        }
        return chosen;
    }

    private float[][] rows(int size) {
        float[][] rows = split(golden.array("seg/test_std"));
        assertThat(rows).hasNumberOfRows(size);
        return rows;
    }

    private static float[][] split(NpyArray array) {
        float[] flat = array.floats();
        int dim = array.size(array.shape().length - 1);
        float[][] rows = new float[flat.length / dim][dim];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(flat, i * dim, rows[i], 0, dim);
        }
        return rows;
    }

    private static FeatureTable table(float[][] rows, int classes) {
        int[] labels = new int[rows.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = Math.min(i, classes - 1);
        }
        List<String> names =
                IntStream.range(0, classes).mapToObj(Integer::toString).toList();
        return new FeatureTable(rows, labels, names);
    }
}
