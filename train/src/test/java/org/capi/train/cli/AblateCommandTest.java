package org.capi.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.capi.train.TinyRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wrong use of {@code ablate}, found before anything is made. */
class AblateCommandTest {

    private static final String RECIPE = """
            title: t
            base: {preset: demo}
            seeds: [0]
            evaluations: [{name: k-NN, probe: knn, train: '{data}', test: '{data}:val', settings: {k: 3}}]
            variants: [{name: v}]
            """;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    @BeforeEach
    void draw() throws IOException {
        TinyRun.images(folder.resolve("set"));
    }

    @Test
    void wrongUseIsNamedInOneLine() throws IOException {
        refused(
                RECIPE.replace("k: 3", "neighbours: 3"),
                "the evaluation k-NN: unknown key neighbours; known here: representation, k, temperature, metric, vote,"
                        + " image_size, transform, batch_size, threads");
        refused(
                RECIPE.replace("{name: v}", "{name: v, overrides: {data.mask_ratio: 2}}"),
                "the variant v: data.mask_ratio must be greater than 0 and less than 1, was 2.0");
        refused(RECIPE, "unknown key optim.steps; did you mean optim.total_steps?", "optim.steps=3");
        refused(RECIPE, "an override must not set what the recipe varies, was seed=3 (the variant v)", "seed=3");
        refused(
                RECIPE.replace("'{data}:val'", "'{ade}'"),
                "the recipe names the images {ade}, which are not given: add --set ade=DIR; given: [data]");
        refused(RECIPE.replace("{data}:val", "{data}:nowhere"), folder.resolve("set") + "");
        refused(
                RECIPE.replace("k: 3", "k: 300"),
                "the evaluation k-NN: k must be at most the number of labelled training images, ");
        refused(RECIPE.replace("k: 3", "k: many"), "the evaluation k-NN: k must be a whole number, was many");
        refused(
                RECIPE.replace("probe: knn", "probe: linear").replace("k: 3", "steps: 0"),
                "the evaluation k-NN: steps must be at least 1, was 0");
        refused(
                RECIPE.replace("probe: knn", "probe: segment_knn").replace("k: 3", "transform: centre"),
                "the evaluation k-NN: transform must be squash here, for label maps are squashed, was centre");
        assertThat(run("--recipe", "table1", "--data", folder.resolve("set"), "--run", folder.resolve("run")))
                .isEqualTo(2);
        assertThat(folder.resolve("run")).doesNotExist();
    }

    private void refused(String recipe, String message, String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), recipe);
        err.reset();
        Object[] arguments = {"--recipe", file, "--data", folder.resolve("set"), "--run", folder.resolve("run")};
        Object[] all = Arrays.copyOf(arguments, arguments.length + overrides.length);
        System.arraycopy(overrides, 0, all, arguments.length, overrides.length);
        assertThat(run(all)).as(text()).isEqualTo(2);
        assertThat(text()).startsWith("capi: ").contains(message).hasLineCount(1);
        assertThat(folder.resolve("run")).doesNotExist();
    }

    private int run(Object... arguments) {
        var quiet = new PrintStream(err, true, StandardCharsets.UTF_8);
        String[] words = new String[arguments.length + 1];
        words[0] = "ablate";
        for (int i = 0; i < arguments.length; i++) {
            words[i + 1] = arguments[i].toString();
        }
        return Main.run(new Console(quiet, quiet, false), words);
    }

    private String text() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
