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
import java.util.Arrays;
import java.util.List;
import org.capi.train.TinyRun;
import org.capi.train.loop.PretrainRun;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightCommandsTest {

    @TempDir
    private static Path runs;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console = new Console(stream(out), stream(err), false);

    @BeforeAll
    static void train() throws IOException {
        Path images = TinyRun.images(runs.resolve("set"));
        PretrainRun.start(runs.resolve("run"), images.toString(), TinyRun.config(4), List.of());
    }

    @Test
    void aRunItsModelAndAnImportGiveTheSameFile() throws IOException {
        Path first = folder.resolve("first.pth");
        assertThat(run("export-weights", "--run", runs.resolve("run"), "--to", first))
                .isZero();
        assertThat(run("import-weights", "--from", first, "--to", folder.resolve("imported"), "--json"))
                .isZero();
        assertThat(lastLine().at("/architecture/dim").asInt()).isEqualTo(32);
        assertThat(run("export-weights", "--model", folder.resolve("imported"), "--to", folder.resolve("again.pth")))
                .isZero();
        assertThat(run("export", "--run", runs.resolve("run"), "--to", folder.resolve("model")))
                .isZero();
        assertThat(run("export-weights", "--model", folder.resolve("model"), "--to", folder.resolve("third.pth")))
                .isZero();
        assertThat(folder.resolve("again.pth")).hasSameBinaryContentAs(first);
        assertThat(folder.resolve("third.pth")).hasSameBinaryContentAs(first);
    }

    @Test
    void teacherStudentAndStepAreChosen() throws IOException {
        Path run = runs.resolve("run");
        for (String weights : List.of("teacher", "student")) {
            assertThat(run("export-weights", "--run", run, "--weights", weights, "--to", file(weights)))
                    .isZero();
            assertThat(run(
                            "export-weights",
                            "--run",
                            run,
                            "--step",
                            0,
                            "--weights",
                            weights,
                            "--to",
                            file(weights + 0)))
                    .isZero();
        }
        assertThat(file("teacher0")).hasSameBinaryContentAs(file("student0"));
        assertThat(Files.mismatch(file("teacher"), file("student"))).isNotNegative();
    }

    @Test
    void aModelAndARunAtOnceAreRefused() {
        assertThat(run("export-weights", "--run", runs, "--model", runs, "--to", file("a")))
                .isEqualTo(2);
        assertThat(run("export-weights", "--to", file("a"))).isEqualTo(2);
        assertThat(file("a")).doesNotExist();
    }

    @Test
    void anotherArchitectureThanThePresetsIsNamed() {
        Path file = file("weights");
        assertThat(run("export-weights", "--run", runs.resolve("run"), "--to", file))
                .isZero();
        Path to = folder.resolve("model");
        assertThat(run("import-weights", "--from", file, "--to", to, "--arch", "vits14"))
                .isEqualTo(2);
        assertThat(text(err))
                .contains("has the shape [1, 32], wanted is [1, 384]")
                .hasLineCount(1);
        assertThat(to).doesNotExist();
    }

    @Test
    void anUnknownPresetNamesTheNearestOne() {
        assertThat(run("import-weights", "--from", "a.pth", "--to", folder.resolve("model"), "--arch", "vits13"))
                .isEqualTo(2);
        assertThat(text(err)).contains("did you mean vits14?");
    }

    @Test
    void aMissingFileIsWrongInput() {
        Path nowhere = folder.resolve("nowhere.pth");
        assertThat(run("import-weights", "--from", nowhere, "--to", folder.resolve("model")))
                .isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: no weights file: " + nowhere + "\n");
    }

    private Path file(String name) {
        return folder.resolve(name + ".pth");
    }

    private int run(Object... arguments) {
        return Main.run(console, Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
    }

    private JsonNode lastLine() throws IOException {
        String[] lines = text(out).split("\n", -1);
        return new ObjectMapper().readTree(lines[lines.length - 2]);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
