package org.capi.eval.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.capi.eval.features.Confusion;
import org.capi.eval.rows.FeatureRows.FloatRows;
import org.capi.eval.rows.Standardization;
import org.capi.eval.rows.Standardization.Fitted;
import org.capi.eval.search.ExactKnn;
import org.capi.eval.search.ExactKnn.Distance;
import org.capi.eval.search.ExactKnn.Precision;
import org.capi.eval.segment.LogisticRegression.LinearClassifier;
import org.capi.golden.Golden;
import org.capi.golden.NpyArray;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GoldenSegmentationTest {

    private final Golden golden = Golden.fixture("eval");

    @BeforeAll
    static void requireFixture() {
        Assumptions.assumeTrue(Golden.hasFixture("eval"), "these golden numbers have no fixture eval");
    }

    @Test
    void modesAreThoseOfTheReference() {
        NpyArray labels = golden.array("metrics/mode_in");
        assertThat(new PatchLabels(labels.bytes(), labels.size(1)).modes())
                .isEqualTo(golden.array("metrics/mode_out").bytes());
        for (String split : List.of("train", "val", "test")) {
            assertThat(labels(split).modes())
                    .isEqualTo(golden.array("seg/" + split + "_labels_mode").bytes());
        }
    }

    @Test
    void labelsOfPatchesStandAsInTheReference() {
        NpyArray maps = golden.array("extract/label_maps");
        NpyArray expected = golden.array("extract/labels");
        int side = Math.min(maps.size(1), maps.size(2)); // the upper left square of each map
        int pixels = expected.size(3);
        int patchSize = (int) Math.sqrt(pixels);
        int grid = side / patchSize;
        byte[] all = maps.bytes();
        for (int image = 0; image < maps.size(0); image++) {
            byte[] square = new byte[side * side];
            for (int y = 0; y < side; y++) {
                System.arraycopy(all, (image * maps.size(1) + y) * maps.size(2), square, y * side, side);
            }
            byte[] labels = new PatchReader(side, patchSize, Set.of(), 1).byPatch(square, 1);
            for (int row = 0; row < grid; row++) {
                int from = ((image * expected.size(1) + row) * expected.size(2)) * pixels;
                assertThat(Arrays.copyOfRange(labels, row * grid * pixels, (row + 1) * grid * pixels))
                        .isEqualTo(Arrays.copyOfRange(expected.bytes(), from, from + grid * pixels));
            }
        }
    }

    @Test
    void scoresAreThoseOfTheReference() {
        double[] expected = golden.array("metrics/miou_acc").doubles();
        byte[] truth = golden.array("metrics/gt").bytes();
        byte[] predicted = golden.array("metrics/pred").bytes();
        List<Set<Integer>> ignored = ignoredOfRows(golden.text("metrics/miou_acc", "meaning"));
        assertThat(ignored).hasSize(golden.array("metrics/miou_acc").size(0));
        for (int i = 0; i < ignored.size(); i++) {
            Confusion confusion = Confusion.ofPixels(List.of(), ignored.get(i)).add(truth, predicted);
            assertThat(confusion.meanUnion()).isCloseTo(expected[2 * i], within(1e-12));
            assertThat(confusion.accuracy()).isCloseTo(expected[2 * i + 1], within(1e-12));
        }
    }

    @Test
    void thePatchesToFitOnAreThoseOfTheReference() {
        byte[] kept = golden.array("seg/train_kept").bytes();
        byte[] modes = golden.array("seg/train_labels_mode").bytes();
        List<Byte> expected = new ArrayList<>();
        for (int i = 0; i < kept.length; i++) {
            if (kept[i] == 1) {
                expected.add(modes[i]);
            }
        }
        assertThat(patches("train").toFit(1, ignored()).labels().modes())
                .containsExactly(expected.toArray(Byte[]::new));
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void neighboursVoteAsInTheReference(Precision precision) {
        Patches train = patches("train").toFit(1, ignored());
        for (Distance metric : Distance.values()) {
            for (JsonNode k : segmentation().get("ks")) {
                String name = name(metric) + "_k" + k.asInt();
                JsonNode expected = golden.hyper().get("knn_results").path(name);
                if (refused(expected, k.asInt(), train)) {
                    continue;
                }
                PatchLabels voted = vote(train, patches("test"), metric, k.asInt(), precision);
                assertThat(voted.values())
                        .as(name)
                        .isEqualTo(golden.array("seg/knn_" + name).bytes());
                scored(voted, "test", expected);
            }
        }
    }

    /** Whether there are fewer rows than neighbours: the reference gives nothing or an error then, and we refuse it. */
    private boolean refused(JsonNode expected, int k, Patches train) {
        int rows = train.features().size();
        assertThat(expected.isMissingNode() || expected.has("error"))
                .as("k=%s of %s rows: %s", k, rows, expected)
                .isEqualTo(k > rows);
        if (k <= rows) {
            return false;
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> vote(train, patches("test"), Distance.L2, k, Precision.FLOAT32))
                .withMessage("k must be at most the number of rows to search, " + rows + ", was " + k);
        return true;
    }

    private static String name(Distance metric) {
        return metric == Distance.L2 ? "L2" : "cosine";
    }

    /** The labels that each row leaves out: "[], [0], [0,255]". */
    private static List<Set<Integer>> ignoredOfRows(String meaning) {
        return Pattern.compile("\\[([\\d, ]*)]")
                .matcher(meaning)
                .results()
                .map(list -> Pattern.compile("\\d+")
                        .matcher(list.group(1))
                        .results()
                        .map(label -> Integer.valueOf(label.group()))
                        .collect(Collectors.toSet()))
                .toList();
    }

    @ParameterizedTest
    @EnumSource(Distance.class)
    void distancesAreThoseOfTheReference(Distance metric) {
        String array = "seg/dist_" + name(metric);
        double[] expected = golden.array(array).doubles();
        int keys = golden.array(array).size(1);
        var nearest = new ExactKnn(keys, metric, Precision.BFLOAT16, 1)
                .among(
                        patches("train").toFit(1, ignored()).features(),
                        patches("test").features(),
                        (done, total) -> {});
        for (int query = 0; query < nearest.queries(); query++) {
            for (int i = 0; i < keys; i++) {
                assertThat(nearest.distance(query, i))
                        .isCloseTo(expected[query * keys + nearest.row(query, i)], within(golden.tolerance(array)));
            }
        }
    }

    @Test
    void subsamplingComesBeforeTheFilterOfIgnoredPatches() {
        for (String name : golden.names("seg/knn_")) {
            Matcher sampled =
                    Pattern.compile("(L2|cosine)_k(\\d+)_subsample(\\d+)").matcher(name);
            if (sampled.matches()) {
                Patches train = patches("train").toFit(Integer.parseInt(sampled.group(3)), ignored());
                Distance metric = sampled.group(1).equals("L2") ? Distance.L2 : Distance.COSINE;
                PatchLabels voted =
                        vote(train, patches("test"), metric, Integer.parseInt(sampled.group(2)), Precision.FLOAT32);
                assertThat(voted.values())
                        .as(name)
                        .isEqualTo(golden.array("seg/knn_" + name).bytes());
            }
        }
    }

    @Test
    void theFirstOfTheBestIsChosenAndFittedOnAll() {
        JsonNode best = golden.hyper().get("knn_select").get("best");
        List<Integer> ks = new ArrayList<>();
        segmentation().get("ks").forEach(k -> ks.add(k.asInt()));
        Patches train = patches("train");
        Patches val = patches("val");
        double most = -1;
        int chosenK = 0;
        Distance chosen = Distance.L2;
        JsonNode metrics = golden.hyper().get("knn_select").get("metrics");
        for (int k : ks) {
            for (Distance metric : Distance.values()) {
                String name = "mIoU_num_neighbors=" + k + "_distance=" + name(metric);
                if (refused(metrics.path(name), k, train.toFit(1, ignored()))) {
                    continue;
                }
                PatchLabels voted = vote(train.toFit(1, ignored()), val, metric, k, Precision.FLOAT32);
                double union = Confusion.ofPixels(List.of(), ignored())
                        .add(val.labels().values(), voted.values())
                        .meanUnion();
                assertThat(union).isCloseTo(metrics.get(name).asDouble(), within(1e-9));
                if (union > most) {
                    most = union;
                    chosenK = k;
                    chosen = metric;
                }
            }
        }
        assertThat(chosenK).isEqualTo(best.get("num_neighbors").asInt());
        assertThat(chosen.toString()).isEqualTo(best.get("distance").asText());
        PatchLabels voted =
                vote(train.and(val).toFit(1, ignored()), patches("test"), chosen, chosenK, Precision.BFLOAT16);
        assertThat(voted.values()).isEqualTo(golden.array("seg/knn_final_pred").bytes());
    }

    @Test
    void logisticRegressionEndsWhereTheReferenceDoes() {
        Patches train = patches("train").toFit(1, ignored());
        for (JsonNode c : segmentation().get("Cs")) {
            boolean whole = c.asDouble() == Math.rint(c.asDouble());
            String name = "C" + (whole ? Integer.toString(c.asInt()) : c.asText());
            String folder = "seg/logreg_" + name + "/";
            try (var regression =
                    new LogisticRegression(train.features(), train.labels().modes(), 1e-9, 1000, 2)) {
                LinearClassifier fitted = regression.fit(c.asDouble());
                assertThat(fitted.objective())
                        .isCloseTo(objective(train, folder, c.asDouble()), within(1e-4 * fitted.objective()));
                byte[] predicted = fitted.predict(patches("test").features());
                assertThat(predicted)
                        .isEqualTo(golden.array(folder + "test_pred_patch").bytes());
                closeWeights(fitted, folder);
                PatchLabels pixels =
                        PatchLabels.even(predicted, patches("test").labels().pixels());
                scored(pixels, "test", golden.hyper().get("logreg_results").get(name.substring(1)));
            }
        }
    }

    private void closeWeights(LinearClassifier fitted, String folder) {
        double[] expected = golden.array(folder + "coef").doubles();
        int width = golden.array(folder + "coef").size(1);
        double[] weights = fitted.weights();
        for (int i = 0; i < expected.length; i++) {
            assertThat(weights[i / width * (width + 1) + i % width]).isCloseTo(expected[i], within(2e-3));
        }
    }

    /** What the reference's solution costs. */
    private double objective(Patches train, String folder, double c) {
        double[] weights = golden.array(folder + "coef").doubles();
        double[] intercepts = golden.array(folder + "intercept").doubles();
        byte[] classes = golden.array(folder + "classes").bytes();
        float[] rows = train.features().toArray();
        byte[] modes = train.labels().modes();
        int dim = train.features().dim();
        double sum = Lbfgs.dot(weights, weights) / (2 * c);
        for (int row = 0; row < modes.length; row++) {
            double all = 0;
            for (int k = 0; k < classes.length; k++) {
                double logit = intercepts[k];
                for (int d = 0; d < dim; d++) {
                    logit += weights[k * dim + d] * rows[row * dim + d];
                }
                all += Math.exp(logit);
                sum -= classes[k] == modes[row] ? logit : 0;
            }
            sum += Math.log(all);
        }
        return sum;
    }

    private void scored(PatchLabels predicted, String split, JsonNode expected) {
        Confusion confusion =
                Confusion.ofPixels(List.of(), ignored()).add(labels(split).values(), predicted.values());
        assertThat(confusion.meanUnion()).isCloseTo(expected.get("mIoU").asDouble(), within(1e-9));
        assertThat(confusion.accuracy()).isCloseTo(expected.get("acc").asDouble(), within(1e-9));
    }

    private static PatchLabels vote(Patches train, Patches test, Distance metric, int k, Precision precision) {
        var nearest =
                new ExactKnn(k, metric, precision, 2).among(train.features(), test.features(), (done, total) -> {});
        return PatchLabels.vote(nearest, k, train.labels());
    }

    /** Standardised by what is known of train. */
    private Patches patches(String split) {
        Fitted standard = Standardization.STANDARD.fit(rows("train"));
        return new Patches(standard.of(rows(split)), labels(split));
    }

    private FloatRows rows(String split) {
        NpyArray features = golden.array("seg/" + split + "_features");
        return new FloatRows(features.floats(), features.size(1));
    }

    private PatchLabels labels(String split) {
        NpyArray labels = golden.array("seg/" + split + "_labels");
        return new PatchLabels(labels.bytes(), labels.size(1));
    }

    private Set<Integer> ignored() {
        Set<Integer> ignored = new TreeSet<>();
        segmentation().get("ignore").forEach(label -> ignored.add(label.asInt()));
        return ignored;
    }

    private JsonNode segmentation() {
        return golden.hyper().get("segmentation");
    }
}
