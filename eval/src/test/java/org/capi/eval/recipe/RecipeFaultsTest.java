package org.capi.eval.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.eval.features.Transform;
import org.capi.eval.pictures.PcaPictures.ImageMeans;
import org.capi.eval.recipe.FigureEntry.PcaEntry;
import org.capi.fuzz.MutatedFiles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be wrong with a recipe's text, and what it may leave out. */
class RecipeFaultsTest {

    @TempDir
    private Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = folder.resolve("recipe.yaml");
    }

    @Test
    void whatIsNotGivenIsAsTheCommandHasIt() throws IOException {
        Recipe recipe = read("""
                models: one
                evaluations:
                  - {probe: knn, train: a, test: b}
                  - {probe: probe, train: a, test: b, learning_rates: 1e-3}
                  - {probe: knn, train: a, test: b, k: 5, metric: l2, vote: plain}
                """);
        assertThat(recipe.models()).containsExactly("one");
        KnnEntry knn = (KnnEntry) recipe.evaluations().get(0);
        assertThat(knn.k()).containsExactly(20);
        assertThat(knn.representation()).hasToString("global");
        assertThat(knn.baselines()).isTrue();
        assertThat(knn.metric()).extracting(Object::toString).containsExactly("cosine");
        ProbeEntry probe = (ProbeEntry) recipe.evaluations().get(1);
        assertThat(probe.representations())
                .extracting(Object::toString)
                .containsExactly("avg_patch", "global", "both", "patches");
        assertThat(probe.learningRates()).containsExactly(1e-3);
        KnnEntry scalars = (KnnEntry) recipe.evaluations().get(2);
        assertThat(scalars.k()).containsExactly(5);
        assertThat(scalars.metric()).extracting(Object::toString).containsExactly("l2");
    }

    @Test
    void oneEvaluationNeedsNoList() throws IOException {
        assertThat(read("models: [a, b]\nevaluations: {probe: pca, data: d}\n").evaluations())
                .containsExactly(new PcaEntry("d", 8, null, Transform.SQUASH, ImageMeans.REMOVED));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {probe: knn, test: b} | , entry 1 (knn): missing key train
            {probe: pca} | , entry 1 (pca): missing key data
            {probe: knn, train: a, test: b, k: many} | , entry 1 (knn): k must be a whole number below 2147483648, was "many"
            {probe: knn, train: a, test: b, k: [1, 2.5]} | , entry 1 (knn): k must be a whole number below 2147483648, was 2.5
            {probe: knn, train: a, test: b, k: 9999999999} | , entry 1 (knn): k must be a whole number below 2147483648, was 9999999999
            {probe: knn, train: a, test: b, k: [1, null]} | , entry 1 (knn): the key k has no value
            {probe: knn, train: a, test: b, k:} | , entry 1 (knn): the key k has no value
            {probe: knn, train: a, test: b, k: 010} | , line 2: a number must not begin with 0, was 010
            {probe: knn, train: [a, c], test: b} | , entry 1 (knn): train must be a text, was ["a","c"]
            {probe: knn, train: a, test: b, k: {a: 1}} | , entry 1 (knn): k must be a whole number below 2147483648, was {"a":1}
            {probe: dictionary, data: d, alpha: high} | , entry 1 (dictionary): alpha must be a number, was "high"
            {probe: dictionary, data: d, size: 3} | , entry 1 (dictionary): unknown key size; known here: alpha, data, image_size, images, transform
            {probe: pictures} | , entry 1: probe must be one of knn, probe, segment, pca, dictionary, was pictures
            {data: d} | , entry 1: missing key probe, one of knn, probe, segment, pca, dictionary
            [{probe: pca, data: d}, 3] | , entry 2: there must be keys with values, was 3
            {probe: pca, data: d, data: e} | , line 2: the key data is given twice
            [{probe: pca, data: d} | , line 3, column 1: expected ',' or ']', but got <stream end>
            """)
    void aFaultIsNamedWithItsPlace(String evaluations, String message) throws IOException {
        refused("models: m\nevaluations: " + evaluations + "\n", message);
    }

    @Test
    void theProblemIsNamedNotWhatWasBeingParsed() throws IOException {
        refused(
                "models: m\n\tevaluations: x\n",
                ", line 2, column 1: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for"
                        + " indentation)");
    }

    @Test
    void aRecipeHasItsKeysAndNoOthers() throws IOException {
        refused(
                "model: m\nevaluations: {probe: pca, data: d}\n",
                ": unknown key model; known here: evaluations, models");
        refused("models: {a: b}\n", ": models must be folders of SavedModels, was {\"a\":\"b\"}");
        refused("- a\n", " is not a recipe: it has no keys");
        refused("", " is not a recipe: it has no keys");
        refused("models: m\n", ": a recipe names at least one of models and one of evaluations");
        refused("models: m\n---\nmodels: n\n", ": a recipe is one YAML document, there are several");
        Files.write(file, "models: caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Recipe.read(file))
                .withMessage("the recipe " + file + " is not a recipe: not UTF-8 text");
    }

    @Tag("slow")
    @Test
    void mutatedRecipesAreReadOrRefusedInOneLine() throws IOException {
        Path whole = Files.writeString(folder.resolve("whole.yaml"), """
                models: [models/photos, "models/untrained"]
                evaluations:
                  - {probe: knn, train: sets/photos, test: 'sets/photos:val', representation: global, k: [10, 20],
                     metric: [cosine, l2], vote: [plain], temperature: 0.07, dataset: imagenet1k}
                  - {probe: probe, train: a, test: b, representations: [avg_patch, patches], steps: 500,
                     learning_rates: [1e-3, 0.1], seed: 3}
                  - probe: segment
                    train: sets/camvid
                    test: &t sets/camvid:val
                    ignore: [0, 255]
                  - {probe: pca, data: *t, images: 8}
                  - {probe: dictionary, data: d, alpha: 0.5}
                """);
        MutatedFiles.parseAll(List.of(whole), folder, 4000, 64 << 20, Recipe::read);
    }

    private void refused(String yaml, String message) throws IOException {
        Files.writeString(file, yaml);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Recipe.read(file))
                .withMessage("the recipe " + file + message);
    }

    private Recipe read(String yaml) throws IOException {
        return Recipe.read(Files.writeString(file, yaml));
    }
}
