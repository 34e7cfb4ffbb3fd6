package org.capi.eval.knn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.FeatureTable;
import org.capi.eval.features.JobProgress;
import org.capi.eval.knn.KnnClassifier.Vote;
import org.capi.eval.knn.KnnEvaluation.KnnResult;
import org.capi.eval.rows.FeatureRows.FloatRows;
import org.capi.eval.search.ExactKnn;
import org.capi.eval.search.ExactKnn.Distance;
import org.capi.eval.search.ExactKnn.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnnClassifierTest {

    private static final List<String> CLASSES = List.of("ant", "bee", "cat");
    private static final int DIM = 6;

    @ParameterizedTest
    @CsvSource({"20, 0.07, COSINE, WEIGHTED", "7, 1, COSINE, PLAIN", "7, 1, L2, PLAIN"})
    void labelsAreThoseOfAPlainDoubleLoop(int k, double temperature, Distance metric, Vote vote) {
        FeatureTable train = random(1, 300);
        FeatureTable test = random(2, 80);
        var neighbours = new KnnClassifier(k, temperature, metric, vote);
        assertThat(named(neighbours, train, test)).isEqualTo(byHand(neighbours, train, test));
    }

    @Test
    void aTieOfVotesGoesToTheSmallestLabel() {
        FeatureTable train = table(new float[][] {{0, 1}, {1, 0}}, 2, 1);
        assertThat(named(new KnnClassifier(2, 0.07), train, table(new float[][] {{3, 3}}, 1)))
                .containsExactly(1);
    }

    @Test
    void ofEquallyNearNeighboursTheEarlierVotes() {
        FeatureTable train = table(new float[][] {{1, 0}, {2, 0}, {5, 0}}, 2, 0, 1);
        assertThat(named(new KnnClassifier(1, 0.07), train, table(new float[][] {{1, 0}}, 1)))
                .containsExactly(2);
    }

    @Test
    void aNearNeighbourOutvotesTwoFartherOnes() {
        FeatureTable train = table(new float[][] {{1, 0}, {0, 1}, {0, 1}}, 2, 0, 0);
        FeatureTable test = table(new float[][] {{1, 0.5f}}, 2);
        assertThat(named(new KnnClassifier(3, 0.07), train, test)).containsExactly(2);
        assertThat(named(new KnnClassifier(3, 100), train, test)).containsExactly(0);
    }

    @Test
    void severalClassifiersAreEvaluatedAsEachAlone() {
        FeatureTable train = random(3, 300);
        FeatureTable test = random(4, 80);
        var few = new KnnClassifier(3, 0.07);
        var many = new KnnClassifier(40, 1, Distance.COSINE, Vote.PLAIN);
        var far = new KnnClassifier(5, 1, Distance.L2, Vote.PLAIN);
        List<KnnResult> together = results(List.of(far, few, many), train, test);
        assertThat(together)
                .containsExactly(
                        results(List.of(far), train, test).get(0),
                        results(List.of(few), train, test).get(0),
                        results(List.of(many), train, test).get(0));
    }

    @Test
    void theResultCountsImagesAndClasses() {
        FeatureTable train = table(new float[][] {{1, 0}, {0, 1}, {-1, 0}}, 0, 1, 2);
        FeatureTable test = table(new float[][] {{2, 0.1f}, {0, 3}}, 0, 2);
        assertThat(results(List.of(new KnnClassifier(1, 0.07)), train, test))
                .containsExactly(new KnnResult(0.5, 1, "global", 3, 3, 2));
    }

    @Test
    void aResultIsWrittenAsJson(@TempDir Path folder) throws IOException {
        Path file = new KnnResult(0.25, 20, "global", 10, 100, 50).write(folder.resolve("evals"));
        assertThat(file).hasFileName("knn-global.json");
        assertThat(Files.readString(file))
                .contains("\"top1\" : 0.25", "\"k\" : 20", "\"classes\" : 10", "\"train\" : 100", "\"test\" : 50");
        assertThat(file.getParent()).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void classesAreMatchedByName() {
        var rows = new FloatRows(new float[] {1, 0, 0, 1}, 2);
        var train = new FeatureTable(rows, new int[] {0, 1}, List.of("ant", "bee"));
        var test = new FeatureTable(rows, new int[] {1, 0}, List.of("bee", "ant"));
        var one = List.of(new KnnClassifier(1, 0.07));
        assertThat(results(one, train, test).get(0).top1()).isEqualTo(1);
        var strange = new FeatureTable(rows, new int[] {0, 1}, List.of("ant", "cow"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> results(one, train, strange))
                .withMessageContaining("the class cow of the test images is not among those of the training images");
    }

    @Test
    void moreNeighboursThanTrainingImagesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KnnClassifier.STANDARD.check(19))
                .withMessage("k must be at most the number of labelled training images, 19, was 20");
    }

    private static List<KnnResult> results(List<KnnClassifier> grid, FeatureTable train, FeatureTable test) {
        return new KnnEvaluation(grid, new FeatureExtraction(1, 1, 2))
                .evaluate(train, test, "global", JobProgress.none()).stream()
                        .map(KnnEvaluation.Outcome::result)
                        .toList();
    }

    private static int[] named(KnnClassifier neighbours, FeatureTable train, FeatureTable test) {
        var nearest = new ExactKnn(neighbours.k(), neighbours.metric(), Precision.BFLOAT16, 2)
                .among(train.rows(), test.rows(), (done, total) -> {});
        return neighbours.vote(nearest, train);
    }

    private static FeatureTable table(float[][] rows, int... labels) {
        float[] values = new float[rows.length * rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, values, i * rows[i].length, rows[i].length);
        }
        return new FeatureTable(new FloatRows(values, rows[0].length), labels, CLASSES);
    }

    private static int[] byHand(KnnClassifier neighbours, FeatureTable train, FeatureTable test) {
        float[] keys = train.rows().toArray();
        float[] queries = test.rows().toArray();
        int[] labels = new int[test.size()];
        for (int i = 0; i < labels.length; i++) {
            float[] query = Arrays.copyOfRange(queries, i * DIM, (i + 1) * DIM);
            double[] likeness = IntStream.range(0, train.size())
                    .mapToDouble(
                            t -> likeness(neighbours.metric(), query, Arrays.copyOfRange(keys, t * DIM, (t + 1) * DIM)))
                    .toArray();
            double[] votes = new double[CLASSES.size()];
            IntStream.range(0, likeness.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(t -> -likeness[t]))
                    .limit(neighbours.k())
                    .forEach(t -> votes[train.label(t)] +=
                            neighbours.vote() == Vote.PLAIN ? 1 : Math.exp(likeness[t] / neighbours.temperature()));
            double most = Arrays.stream(votes).max().orElseThrow();
            labels[i] = IntStream.range(0, votes.length)
                    .filter(c -> votes[c] == most)
                    .findFirst()
                    .orElseThrow();
        }
        return labels;
    }

    private static double likeness(Distance metric, float[] query, float[] key) {
        return metric == Distance.COSINE
                ? dot(query, key) / Math.sqrt(dot(query, query) * dot(key, key))
                : 2 * dot(query, key) - dot(key, key);
    }

    private static double dot(float[] a, float[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(d -> (double) a[d] * b[d])
                .sum();
    }

    private static FeatureTable random(long seed, int size) {
        var random = new SplittableRandom(seed);
        float[] rows = new float[size * DIM];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (float) random.nextDouble(-1, 1);
        }
        int[] labels = IntStream.range(0, size)
                .map(i -> random.nextInt(CLASSES.size()))
                .toArray();
        return new FeatureTable(new FloatRows(rows, DIM), labels, CLASSES);
    }
}
