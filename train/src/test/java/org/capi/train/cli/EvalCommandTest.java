package org.capi.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.capi.data.source.drawn.Drawings;
import org.capi.savedmodels.toy.RandomModel;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvalCommandTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console = new Console(stream(out), stream(err), false);

    @TempDir
    Path folder;

    private Path set;
    private Path model;

    @BeforeEach
    void makeSetAndModel() throws IOException {
        set = folder.resolve("set");
        model = folder.resolve("model");
        new Drawings(40, 20, 32, 1).generate(set, (done, total) -> {});
        ToyEncoder.write(model, 1, "global", "registers", "feature_map");
    }

    @Test
    void aModelIsEvaluatedByItsNeighbours() throws IOException {
        assertThat(knn("--model", model, "--json", "k=5", "image_size=32", "representation=global"))
                .isZero();
        JsonNode result = lastLine();
        assertThat(result.get("top1").asDouble()).isBetween(0.0, 1.0);
        assertThat(result.get("k").asInt()).isEqualTo(5);
        assertThat(result.get("representation").asText()).isEqualTo("global");
        assertThat(result.get("classes").asInt()).isEqualTo(10);
        assertThat(result.get("train").asInt()).isEqualTo(40);
        assertThat(result.get("test").asInt()).isEqualTo(20);
        assertThat(folder.resolve("out/knn-global.json")).exists();
        assertThat(folder.resolve("out/features")).isDirectoryContaining("glob:**/global-32-*.arrow");
    }

    @Test
    void whatTheModelMustBeatStandsNextToIt() throws IOException {
        RandomModel.write(RandomModel.SMALL, folder.resolve("random"));
        Path random = folder.resolve("random/model");
        assertThat(knn("--model", random, "--json", "k=5", "image_size=32")).isZero();
        assertThat(text(out).lines().map(line -> line.replaceAll(" +[0-9.]+ %.*", "")))
                .contains(
                        "model, global",
                        "model, avg_patch",
                        "untrained, global",
                        "untrained, avg_patch",
                        "raw pixels",
                        "chance");
        JsonNode result = lastLine();
        assertThat(result.get("representation").asText()).isEqualTo("global");
        assertThat(result.at("/representations/global")).isEqualTo(result.get("top1"));
        assertThat(result.at("/baselines/chance").asDouble()).isEqualTo(0.1);
        assertThat(result.at("/baselines/untrained").properties()).hasSize(2);
        out.reset();
        err.reset();
        assertThat(knn("--model", random, "--json", "k=5", "image_size=32")).isZero();
        assertThat(lastLine()).isEqualTo(result);
        assertThat(text(err)).doesNotContain("untrained", "reading");
        out.reset();
        assertThat(knn("--model", random, "--json", "--no-baselines", "k=5", "image_size=32"))
                .isZero();
        assertThat(text(out).lines()).hasSize(2);
        assertThat(lastLine().properties()).hasSize(6);
    }

    @Test
    void aModelOfAnotherProgramHasNoUntrainedBaseline() throws IOException {
        assertThat(knn("--model", model, "--json", "k=5", "image_size=32")).isZero();
        assertThat(text(out))
                .contains("\nuntrained: left out, this model does not describe its architecture\n")
                .contains("\nraw pixels ")
                .contains("\nmodel, avg_patch ");
        assertThat(lastLine().at("/baselines/untrained").properties()).isEmpty();
    }

    @Test
    void thePixelsAloneAreEvaluatedToo() throws IOException {
        assertThat(knn("--pixels", "--json")).isZero();
        assertThat(lastLine().get("representation").asText()).isEqualTo("pixels");
        assertThat(text(out))
                .startsWith("top-1 ")
                .contains("% (pixels, k 20, 10 classes, 40 training and 20 test images)");
    }

    @Test
    void picturesAreDrawn() {
        assertThat(run("eval", "pca", "--model", model, "--data", set, "--out", folder.resolve("out"), "images=2"))
                .isZero();
        assertThat(text(out)).isEqualTo(folder.resolve("out/pca.png") + ": 2 images\n");
        assertThat(folder.resolve("out/pca-001.png")).exists();
    }

    @Test
    void dictionariesAreDrawn() throws IOException {
        Path to = folder.resolve("out");
        assertThat(run("eval", "dictionary", "--model", model, "--data", set, "--out", to, "--json", "images=2"))
                .isZero();
        assertThat(lastLine().get("images").asInt()).isEqualTo(2);
        assertThat(to.resolve("dictionary.png")).isNotEmptyFile();
        err.reset();
        assertThat(run("eval", "dictionary", "--model", model, "--data", set, "--out", to, "alpha=0"))
                .isEqualTo(2);
        assertThat(text(err)).endsWith("capi: alpha must be greater than 0, was 0.0\n");
    }

    @Test
    void drawnImagesAreSegmented() throws IOException {
        assertThat(segment("--model", model, "--json", "k=1,3", "metric=l2", "c=1", "image_size=32"))
                .isZero();
        JsonNode result = lastLine();
        assertThat(result.get("patch_size").asInt()).isEqualTo(4);
        assertThat(result.get("train").asInt()).isEqualTo(40);
        JsonNode knn = result.get("probes").get(0);
        assertThat(knn.get("probe").asText()).isEqualTo("knn");
        assertThat(knn.get("held_out")).hasSize(2);
        assertThat(knn.get("iou").has("ringed_disk")).isTrue();
        assertThat(knn.get("accuracy").asDouble()).isBetween(0.1, 1.0);
        assertThat(text(out))
                .contains("logistic: mIoU ")
                .contains("  chosen by mIoU of 4 held-out images: ")
                .contains("warning: only 4 images were held out to choose by; fewer than 50 say little about others\n");
        assertThat(folder.resolve("out/segment-patches.json")).exists();
        assertThat(folder.resolve("out/segment-patches.png")).exists();
        assertThat(folder.resolve("out/predictions-patches/00019-logistic.png")).exists();
    }

    @Test
    void thePixelsOfPatchesAreSegmentedToo() throws IOException {
        assertThat(segment("--pixels", "--json", "probe=knn", "k=1", "metric=cosine", "image_size=32", "patch_size=4"))
                .isZero();
        assertThat(lastLine().get("features").asText()).isEqualTo("pixels");
        assertThat(lastLine().get("dim").asInt()).isEqualTo(48);
    }

    @Test
    void wrongUseOfSegmentIsNamedInOneLine() {
        for (String[] wrong : new String[][] {
            {"probe=svm", "probe must be one of knn, logistic, was svm"},
            {"metric=l1", "metric must be one of cosine, l2, was l1"},
            {"k=0", "k must be at least 1, was [0]"},
            {"c=-1", "c must be greater than 0, was [-1.0]"},
            {"c=many", "c must be numbers with commas between, was many"},
            {"subsample=0", "subsample must be at least 1, was 0"},
            {"ignore=256", "ignore must be in 0 to 255, was [256]"},
            {"image_size=30", "image_size must be a multiple of the patch"},
            {"k=9999", "k must be at most the number of training patches that are kept"},
            {"standardization=best", "standardization must be one of none, center, center_div, standard, robust, pca,"}
        }) {
            err.reset();
            assertThat(segment("--model", model, "c=1", "image_size=32", wrong[0]))
                    .as(wrong[0])
                    .isEqualTo(2);
            assertThat(text(err).lines().toList())
                    .last()
                    .asString()
                    .as(wrong[0])
                    .startsWith("capi: " + wrong[1]);
        }
        err.reset();
        assertThat(segment("--pixels", "--model", model)).isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: give either --model or --pixels, not both\n");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void probesAreTrainedAndTested() throws IOException {
        Object[] probe = {
            "eval",
            "probe",
            "--model",
            model,
            "--train",
            set,
            "--test",
            set + ":val",
            "--out",
            folder.resolve("out"),
            "--json",
            "representations=avg_patch,global",
            "steps=4",
            "batch_size=8",
            "learning_rates=1,10",
            "weight_decays=0",
            "image_size=32"
        };
        assertThat(run(probe)).isZero();
        JsonNode result = lastLine();
        assertThat(result.get("probes")).hasSize(2);
        assertThat(result.get("grid")).hasSize(4);
        assertThat(result.get("probes").get(0).get("tests").get(0).get("images").asInt())
                .isEqualTo(20);
        assertThat(text(out))
                .startsWith("linear top-1 ")
                .contains("  chosen by loss of 4 held-out images: top-1 ")
                .contains("chance: top-1 10.0 %, loss 2.30 (guessing one of 10 classes)\n")
                .contains("warning: only 4 images were held out to choose by");
        assertThat(result.get("chosen_by").asText()).isEqualTo("loss");
        assertThat(folder.resolve("out/probe.json")).exists();
    }

    @Test
    void featuresAreWrittenAsArrowAndAsParquet() throws IOException {
        for (String name : List.of("all.arrow", "all.parquet")) {
            Path file = folder.resolve(name);
            assertThat(run("embed", "--model", model, "--data", set, "--to", file, "--json", "image_size=32"))
                    .isZero();
            assertThat(lastLine().get("rows").asInt()).isEqualTo(40);
            assertThat(file).isNotEmptyFile();
            assertThat(folder).isDirectoryNotContaining("glob:**.partial");
        }
        err.reset();
        assertThat(run("embed", "--model", model, "--data", set, "--to", "all.csv"))
                .isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: features are written to a .arrow or a .parquet file, was all.csv\n");
    }

    @Test
    void aRecipeIsDoneFromBeginningToEnd() throws IOException {
        Path recipe = Files.writeString(
                folder.resolve("recipe.yaml"), """
                models: [%s]
                evaluations:
                  - {probe: knn, train: SET, test: 'SET:val', representation: global, k: [5], image_size: 32}
                  - {probe: probe, train: SET, test: 'SET:val', representations: [global], steps: 2, batch_size: 8,
                     learning_rates: [1], weight_decays: [0], image_size: 32}
                  - {probe: segment, train: SET, test: 'SET:val', k: [1], metric: [l2], c: [1], image_size: 32}
                  - {probe: pca, data: 'SET:val', images: 2, image_size: 32}
                  - {probe: dictionary, data: 'SET:val', images: 2, image_size: 32}
                """.formatted(model).replace("SET", set.toString()));
        Path to = folder.resolve("out");
        assertThat(run("eval", "run", "--recipe", recipe, "--out", to, "--json"))
                .isZero();
        assertThat(lastLine()).hasSize(1 + 2 + 6);
        assertThat(to.resolve("results.json")).exists();
        assertThat(to.resolve("report.html")).content().contains("confusions");
        assertThat(to.resolve("features")).isNotEmptyDirectory();
        for (String picture : List.of("1-3/segment-patches.png", "1-4/flips.png", "1-5/dictionary.png")) {
            assertThat(to.resolve("files").resolve(picture)).isNotEmptyFile();
        }
        assertThat(to.resolve("files/1-2")).doesNotExist();
    }

    @Test
    void wrongUseIsNamedInOneLine() {
        refused("k must be at most the number of labelled training images, 40, was 41", "--model", model, "k=41");
        refused("k must be a whole number, was many", "--model", model, "k=many");
        refused(
                "unknown key size; known here: representation, k, temperature, metric, vote, image_size,"
                        + " transform, batch_size, threads",
                "--model",
                model,
                "size=3");
        refused(
                "unknown key temprature; did you mean temperature? known here: representation, k, temperature, metric,"
                        + " vote, image_size, transform, batch_size, threads",
                "--model",
                model,
                "temprature=0.1");
        refused("give either --model or --pixels, not both", "--model", model, "--pixels");
        refused("give either --model or --pixels, there was neither");
        refused("no model folder: " + folder.resolve("none"), "--model", folder.resolve("none"));
        refused(
                "the folder " + set + " is not a SavedModel of an encoder: it lacks the file saved_model.pb;"
                        + " it has train, val",
                "--model",
                set);
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private void refused(String message, Object... arguments) {
        err.reset();
        assertThat(knn(arguments)).isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: " + message + "\n");
    }

    private int knn(Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("eval", "knn", "--train", set, "--test", set + ":val"));
        all.addAll(List.of("--out", folder.resolve("out")));
        all.addAll(Arrays.asList(arguments));
        return run(all.toArray());
    }

    private int segment(Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("eval", "segment", "--train", set, "--test", set + ":val"));
        all.addAll(List.of("--out", folder.resolve("out")));
        all.addAll(Arrays.asList(arguments));
        return run(all.toArray());
    }

    private int run(Object... arguments) {
        return Main.run(console, Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
    }

    private JsonNode lastLine() throws IOException {
        List<String> lines = text(out).lines().toList();
        return new ObjectMapper().readTree(lines.get(lines.size() - 1));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
