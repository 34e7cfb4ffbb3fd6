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
import org.capi.eval.features.FeatureTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NearestNeighboursTest {

    private static final List<String> CLASSES = List.of("ant", "bee", "cat");
    private static final int DIM = 6;

    @Test
    void labelsAreThoseOfAPlainDoubleLoop() {
        FeatureTable train = random(1, 300);
        FeatureTable test = random(2, 80);
        var neighbours = new NearestNeighbours(20, 0.07);
        assertThat(neighbours.classify(train, test)).isEqualTo(byHand(neighbours, train, test));
    }

    @Test
    void chunksChangeNothing() {
        FeatureTable train = random(3, 300);
        FeatureTable test = random(4, 80);
        var neighbours = new NearestNeighbours(7, 0.07);
        int[] whole = neighbours.classify(train, test);
        assertThat(neighbours.classify(train, test, 5)).isEqualTo(whole);
        assertThat(neighbours.classify(train, test, 64)).isEqualTo(whole);
    }

    @Test
    void aTieOfVotesGoesToTheSmallestLabel() {
        float[][] opposite = {{0, 1}, {1, 0}};
        var train = new FeatureTable(opposite, new int[] {2, 1}, CLASSES);
        var test = new FeatureTable(new float[][] {{3, 3}}, new int[] {1}, CLASSES);
        assertThat(new NearestNeighbours(2, 0.07).classify(train, test)).containsExactly(1);
    }

    @Test
    void ofEquallyNearNeighboursTheEarlierVotes() {
        float[][] same = {{1, 0}, {2, 0}, {5, 0}};
        var train = new FeatureTable(same, new int[] {2, 0, 1}, CLASSES);
        var test = new FeatureTable(new float[][] {{1, 0}}, new int[] {1}, CLASSES);
        assertThat(new NearestNeighbours(1, 0.07).classify(train, test)).containsExactly(2);
        assertThat(new NearestNeighbours(1, 0.07).classify(train, test, 1)).containsExactly(2);
    }

    @Test
    void aNearNeighbourOutvotesTwoFartherOnes() {
        float[][] rows = {{1, 0}, {0, 1}, {0, 1}};
        var train = new FeatureTable(rows, new int[] {2, 0, 0}, CLASSES);
        var test = new FeatureTable(new float[][] {{1, 0.5f}}, new int[] {2}, CLASSES);
        assertThat(new NearestNeighbours(3, 0.07).classify(train, test)).containsExactly(2);
        assertThat(new NearestNeighbours(3, 100).classify(train, test)).containsExactly(0);
    }

    @Test
    void theResultCountsImagesAndClasses() {
        float[][] rows = {{1, 0}, {0, 1}, {-1, 0}};
        var train = new FeatureTable(rows, new int[] {0, 1, 2}, CLASSES);
        var test = new FeatureTable(new float[][] {{2, 0.1f}, {0, 3}}, new int[] {0, 2}, CLASSES);
        assertThat(new NearestNeighbours(1, 0.07).judge(train, test, "global"))
                .isEqualTo(new KnnResult(0.5, 1, "global", 3, 3, 2));
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
        float[][] rows = {{1, 0}, {0, 1}};
        var train = new FeatureTable(rows, new int[] {0, 1}, List.of("ant", "bee"));
        var test = new FeatureTable(rows, new int[] {1, 0}, List.of("bee", "ant"));
        assertThat(new NearestNeighbours(1, 0.07).judge(train, test, "global").top1())
                .isEqualTo(1);
        var strange = new FeatureTable(rows, new int[] {0, 1}, List.of("ant", "cow"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new NearestNeighbours(1, 0.07).judge(train, strange, "global"))
                .withMessageContaining("the class cow of the test images is not among those of the training images");
    }

    @Test
    void moreNeighboursThanTrainingImagesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NearestNeighbours.STANDARD.classify(random(1, 19), random(2, 3)))
                .withMessage("k must be at most the number of labelled training images, 19, was 20");
    }

    private static int[] byHand(NearestNeighbours neighbours, FeatureTable train, FeatureTable test) {
        int[] labels = new int[test.size()];
        for (int i = 0; i < labels.length; i++) {
            float[] query = test.row(i);
            double[] cosines = IntStream.range(0, train.size())
                    .mapToDouble(t ->
                            dot(query, train.row(t)) / Math.sqrt(dot(query, query) * dot(train.row(t), train.row(t))))
                    .toArray();
            double[] votes = new double[CLASSES.size()];
            IntStream.range(0, cosines.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(t -> -cosines[t]))
                    .limit(neighbours.k())
                    .forEach(t -> votes[train.label(t)] += Math.exp(cosines[t] / neighbours.temperature()));
            double most = Arrays.stream(votes).max().orElseThrow();
            labels[i] = IntStream.range(0, votes.length)
                    .filter(c -> votes[c] == most)
                    .findFirst()
                    .orElseThrow();
        }
        return labels;
    }

    private static double dot(float[] a, float[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(d -> (double) a[d] * b[d])
                .sum();
    }

    private static FeatureTable random(long seed, int size) {
        var random = new SplittableRandom(seed);
        float[][] rows = new float[size][DIM];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            labels[i] = random.nextInt(CLASSES.size());
            for (int d = 0; d < DIM; d++) {
                rows[i][d] = (float) random.nextDouble(-1, 1);
            }
        }
        return new FeatureTable(rows, labels, CLASSES);
    }
}
