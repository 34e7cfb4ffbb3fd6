package org.capi.eval.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.eval.features.Colours;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.JobProgress;
import org.capi.eval.segment.Maps;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeTest {

    @TempDir
    Path folder;

    @BeforeEach
    void makeModelsAndSets() throws IOException {
        ToyEncoder.write(folder.resolve("one"), 2, "global", "registers", "feature_map");
        ToyEncoder.write(folder.resolve("two"), 1, "global", "registers", "feature_map");
        Colours.write(folder.resolve("train"), 20, 100);
        Colours.write(folder.resolve("test"), 6, 100);
    }

    @Test
    void twoModelsStandSideBySideWithThePapersNumbers() throws IOException {
        Recipe recipe = recipe("""
                models: [DIR/one, DIR/two]
                evaluations:
                  - {probe: knn, train: DIR/train, test: DIR/test, representation: global, k: [1, 3],
                     metric: [cosine, l2], vote: [plain], image_size: 16, dataset: imagenet1k}
                  - {probe: probe, train: DIR/train, test: DIR/test, representations: [avg_patch], steps: 4, batch_size: 8,
                     learning_rates: [1.0], weight_decays: [0], image_size: 16}
                """);
        List<RecipeRun.Line> lines = run(recipe);
        assertThat(lines).hasSize(12);
        assertThat(lines.get(0).value()).isEqualTo(1);
        assertThat(lines.get(0).paper()).isEqualTo(0.738);
        assertThat(lines.get(4).paper()).isNull();
        assertThat(lines.get(0).baselines()).isEqualTo("raw pixels 100.0 %, chance 50.0 %");
        assertThat(lines.get(4).measure()).isEqualTo("top-1, linear, avg_patch");
        assertThat(lines.get(4).baselines()).isEqualTo("chance 50.0 %");
        assertThat(folder.resolve("out/results.json"))
                .content()
                .contains("\"measure\" : \"top-1, k 1, cosine, plain\"");
        assertThat(folder.resolve("out/report.html"))
                .content()
                .contains("<th>one</th><th>two</th><th>raw pixels</th><th>chance</th><th>paper</th>")
                .contains("Chance: guessing the class.")
                .contains("k-NN, global, ")
                .contains("73.8 %")
                .contains(">Warnings</h2>")
                .contains("does not beat raw pixels (100.0 %)")
                .contains("only 2 images were held out to choose by, so the loss chose")
                .contains("one, settings chosen</h2>")
                .contains("Chosen by loss of 2 training images that were held out.")
                .contains("<table class=\"confusion\">");
    }

    @Test
    void baselinesCanBeLeftOut() throws IOException {
        List<RecipeRun.Line> lines = run(recipe("""
                models: [DIR/one]
                evaluations:
                  - {probe: knn, train: DIR/train, test: DIR/test, k: [1], image_size: 16, baselines: false}
                """));
        assertThat(lines).extracting(RecipeRun.Line::baselines).containsExactly("");
        assertThat(folder.resolve("out/report.html")).content().contains("<th>one</th><th>paper</th>");
        assertThat(folder.resolve("cache")).isDirectoryNotContaining("glob:**.json");
    }

    @Test
    void aSecondRunComputesNoFeatures() throws IOException {
        Recipe recipe = recipe("""
                models: [DIR/one]
                evaluations:
                  - {probe: knn, train: DIR/train, test: DIR/test, representation: global, k: [1], image_size: 16}
                """);
        run(recipe);
        List<Long> heard = new ArrayList<>();
        var cache = new FeatureCache(folder.resolve("cache"), text -> {});
        new RecipeRun(recipe, folder.resolve("out"), 2).run(cache, part -> (done, total) -> {
            if (part.contains("encoding")) {
                heard.add(done);
            }
        });
        assertThat(heard).isEmpty();
    }

    @Test
    void labelMapsAndPicturesHaveTheirSections() throws IOException {
        Maps.write(folder.resolve("maps"), 12);
        Recipe recipe = recipe("""
                models: [DIR/one, DIR/two]
                evaluations:
                  - {probe: segment, train: DIR/maps, test: DIR/maps, k: [1], metric: [l2], c: [1], ignore: [0],
                     image_size: 16, dataset: ade20k}
                  - {probe: pca, data: DIR/test, images: 2, image_size: 16}
                  - {probe: dictionary, data: DIR/test, images: 2, image_size: 16, alpha: 0.1}
                """);
        List<RecipeRun.Line> lines = run(recipe);
        assertThat(lines)
                .extracting(RecipeRun.Line::measure)
                .containsExactly(
                        "mIoU, knn",
                        "mIoU (mmsegmentation), knn",
                        "accuracy of pixels, knn",
                        "mIoU, logistic",
                        "mIoU (mmsegmentation), logistic",
                        "accuracy of pixels, logistic",
                        "mIoU, knn",
                        "mIoU (mmsegmentation), knn",
                        "accuracy of pixels, knn",
                        "mIoU, logistic",
                        "mIoU (mmsegmentation), logistic",
                        "accuracy of pixels, logistic");
        assertThat(lines).extracting(RecipeRun.Line::value).containsOnly(1.0);
        assertThat(lines.get(0).paper()).isEqualTo(0.330);
        assertThat(lines.get(3).paper()).isEqualTo(0.377);
        assertThat(folder.resolve("out/report.html"))
                .content()
                .contains("<th>one</th><th>two</th><th>paper</th>")
                .contains("maps: two, logistic, intersection over union by class</h2>")
                .contains("<th>red</th>")
                .contains("Pixels with an ignored label [0] do not count.")
                .contains("></span>1 red</li>", "></span>2 blue</li>")
                .contains(">100</td>")
                .contains("segment-patches.png", "pca.png", "components.png", "flips.png", "dictionary.png");
        assertThat(folder.resolve("out/files/2-1/predictions-patches/00003-knn.png"))
                .exists();
        assertThat(folder.resolve("out/files/1-2/pca-001.png")).exists();
    }

    @Test
    void mistakesAreNamedBeforeAnythingIsComputed() {
        refused("no recipe file: ", "");
        refused("a recipe names at least one of models", "models: []\nevaluations: []\n");
        refused("pictures", "models: [DIR/one]\nevaluations: [{probe: pictures}]\n");
        refused(
                "images must be at least 1, was 0",
                "models: [DIR/one]\nevaluations: [{probe: pca, data: DIR/test, images: 0}]\n");
        refused(
                "alpha must be greater than 0, was -1.0",
                "models: [DIR/one]\nevaluations: [{probe: dictionary, data: DIR/test, alpha: -1}]\n");
        refused(
                "segmentation needs a label map for each image; of the 20 images of " + folder.resolve("train")
                        + " 0 have one",
                "models: [DIR/one]\nevaluations: [{probe: segment, train: DIR/train, test: DIR/test}]\n");
        refused(
                "the model one does not take images of 2 x 2 pixels",
                "models: [DIR/one]\nevaluations: [{probe: pca, data: DIR/test, image_size: 2}]\n");
        refused(
                "representation must be one of",
                "models: [DIR/one]\nevaluations: [{probe: knn, train: DIR/train, test: DIR/test, representation: cls,"
                        + " k: [1]}]\n");
        refused(
                "k must be at most the number of labelled training images, 20, was 21",
                "models: [DIR/one]\nevaluations: [{probe: knn, train: DIR/train, test: DIR/test, representation: global,"
                        + " k: [21]}]\n");
        refused(
                "no model folder: ",
                "models: [DIR/none]\nevaluations: [{probe: knn, train: DIR/train, test: DIR/test, representation: global,"
                        + " k: [1]}]\n");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private void refused(String message, String yaml) {
        assertThatIllegalArgumentException().isThrownBy(() -> run(recipe(yaml))).withMessageContaining(message);
    }

    private Recipe recipe(String yaml) throws IOException {
        Path file = folder.resolve("recipe.yaml");
        if (yaml.isEmpty()) {
            return Recipe.read(folder.resolve("none.yaml"));
        }
        Files.writeString(file, yaml.replace("DIR", folder.toString()));
        return Recipe.read(file);
    }

    private List<RecipeRun.Line> run(Recipe recipe) throws IOException {
        var cache = new FeatureCache(folder.resolve("cache"), text -> {});
        return new RecipeRun(recipe, folder.resolve("out"), 2)
                .run(cache, JobProgress.none())
                .lines();
    }
}
