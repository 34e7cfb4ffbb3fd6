package org.capi.eval.knn;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.Colours;
import org.capi.eval.features.Confusion;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Transform;
import org.capi.eval.knn.KnnComparison.Baselines;
import org.capi.eval.knn.KnnEvaluation.KnnResult;
import org.capi.eval.knn.KnnEvaluation.Outcome;
import org.capi.savedmodels.toy.RandomModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnnComparisonTest {

    private static final KnnClassifier BY = new KnnClassifier(5, 0.07);

    @TempDir
    Path folder;

    private final List<String> parts = new ArrayList<>();

    @Test
    void pixelsAndTheUntrainedModelAreMeasuredOnce() throws IOException {
        RandomModel.write(RandomModel.SMALL, folder);
        KnnComparison first = compared();
        assertThat(first.result()).extracting(KnnResult::representation).isEqualTo("both");
        assertThat(first.representations()).containsOnlyKeys("both", "global", "avg_patch");
        assertThat(first.baselines().untrained()).containsOnlyKeys("both", "global", "avg_patch");
        assertThat(first.baselines().pixels()).isEqualTo(1);
        assertThat(first.baselines().chance()).isEqualTo(0.5);
        assertThat(parts).contains("reading train", "encoding train", "encoding train, untrained");
        parts.clear();
        assertThat(compared().baselines()).isEqualTo(first.baselines());
        assertThat(parts).doesNotContain("reading train", "encoding train, untrained");
        assertThat(folder.resolve("cache")).isDirectoryNotContaining("glob:**untrained[0-9]*");
    }

    @Test
    void aDamagedBaselineIsMeasuredAgain() throws IOException {
        RandomModel.write(RandomModel.SMALL, folder);
        KnnComparison first = compared();
        try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".json")).toList()) {
                Files.writeString(file, "{\"top1\":");
            }
        }
        parts.clear();
        assertThat(compared().baselines()).isEqualTo(first.baselines());
        assertThat(parts).contains("reading train", "encoding train, untrained");
    }

    @Test
    void theJsonHasTheFieldsOfOneResultAndTheBaselines() throws IOException {
        comparison(0.574, 0.326, 0.428, 0.1).write(folder);
        JsonNode json = new ObjectMapper().readTree(Files.readString(folder.resolve("knn-global.json")));
        assertThat(json.properties())
                .extracting(Map.Entry::getKey)
                .containsExactly(
                        "top1", "k", "representation", "classes", "train", "test", "representations", "baselines");
        assertThat(json.at("/baselines/untrained/global").asDouble()).isEqualTo(0.326);
        assertThat(json.at("/baselines/most_frequent_class").asDouble()).isEqualTo(0.1);
        assertThat(json.at("/representations/global").asDouble()).isEqualTo(0.574);
    }

    @Test
    void aModelThatDoesNotBeatABaselineIsNamed() {
        assertThat(comparison(0.574, 0.326, 0.428, 0.1).warnings()).isEmpty();
        assertThat(comparison(0.25, 0.326, 0.34, 0.1).warnings())
                .containsExactly(
                        "the model (global, 25.0 %) does not beat the untrained model (32.6 %)",
                        "the model (global, 25.0 %) does not beat raw pixels (34.0 %)");
        assertThat(comparison(0.35, 0.34, 0.1, 0.1).warnings())
                .containsExactly("the model (global, 35.0 %) beats the untrained model (34.0 %) by less than two"
                        + " standard errors (2.1 points each)");
    }

    @Test
    void theAdviceIsARepresentationThatDoesBetterOrMoreTraining() {
        KnnComparison weak = comparison(0.25, 0.326, 0.34, 0.1);
        assertThat(weak.advice()).startsWith("Train longer, use more images, ");
        var better = new KnnComparison(weak.outcome(), Map.of("global", 0.25, "avg_patch", 0.506), weak.baselines());
        assertThat(better.advice())
                .isEqualTo("The model's avg_patch does better here, 50.6 %: representation=avg_patch makes it the first"
                        + " line.");
    }

    @Test
    void aClassThatMostImagesHaveIsABaselineToo() {
        KnnComparison even = comparison(0.574, 0.326, 0.428, 0.1);
        assertThat(even.rows())
                .extracting(KnnComparison.Row::name)
                .containsExactly("model, global", "untrained, global", "raw pixels", "chance");
        KnnComparison uneven = comparison(0.574, 0.326, 0.428, 0.6);
        assertThat(uneven.rows()).extracting(KnnComparison.Row::name).contains("most frequent class");
        assertThat(uneven.warnings())
                .containsExactly("the model (global, 57.4 %) does not beat naming the most frequent class (60.0 %)");
    }

    private static KnnComparison comparison(double top1, double untrained, double pixels, double frequent) {
        var result = new KnnResult(top1, 5, "global", 10, 2000, 500);
        var baselines = new Baselines(0.1, frequent, pixels, Map.of("global", untrained));
        return new KnnComparison(
                new Outcome(BY, result, new Confusion(List.of("ant"))), Map.of("global", top1), baselines);
    }

    private KnnComparison compared() throws IOException {
        Path set = folder.resolve("set");
        if (!Files.exists(set)) {
            Colours.write(set, 20, 100);
        }
        try (var dataset = ImageDataset.open(set);
                var model = LoadedModel.open(folder.resolve("model"))) {
            return new KnnEvaluation(List.of(BY), new FeatureExtraction(16, 8, 2))
                    .compared(
                            model,
                            new FeatureCache(folder.resolve("cache"), said -> {}),
                            Representation.BOTH,
                            Transform.CENTRE,
                            dataset,
                            dataset,
                            part -> (done, total) -> parts.add(part))
                    .get(0);
        }
    }
}
