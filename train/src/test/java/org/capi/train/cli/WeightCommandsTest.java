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
import java.util.stream.Stream;
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
    void aCheckpointThatIsNotWholeIsRefusedByName() throws IOException {
        Path copy = copyOfRun();
        Path checkpoint = copy.resolve("checkpoints/step-0000004");
        Files.write(checkpoint.resolve("model.index"), new byte[1]);
        assertThat(run("export-weights", "--run", copy, "--to", file("a"))).isEqualTo(2);
        assertThat(run("export", "--run", copy, "--step", 4, "--to", file("a"))).isEqualTo(2);
        Files.delete(checkpoint.resolve("complete"));
        assertThat(run("export", "--run", copy, "--step", 4, "--to", file("a"))).isEqualTo(2);
        assertThat(text(err).lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains(checkpoint + " is damaged: model.index has 1 bytes, not "),
                        line -> assertThat(line).contains(checkpoint + " is damaged: model.index has 1 bytes, not "),
                        line -> assertThat(line)
                                .contains(checkpoint + " was not finished: it lacks the file complete; there are: [0"));
        assertThat(file("a")).doesNotExist();
    }

    @Test
    void whatTheReferenceComputesOtherwiseIsSaid() throws IOException {
        Path copy = copyOfRun();
        Path config = copy.resolve("config.yaml");
        Files.writeString(
                config,
                Files.readString(config)
                        .replace("register_coordinates: edge", "register_coordinates: zeros")
                        .replace("register_coordinates: \"edge\"", "register_coordinates: \"zeros\""));
        assertThat(run("export-weights", "--run", copy, "--to", file("a"))).isZero();
        assertThat(text(err)).contains("its registers are at zero; the reference's loader puts them along the border");
        assertThat(run("export", "--run", copy, "--to", folder.resolve("model")))
                .isZero();
        assertThat(run("export-weights", "--model", folder.resolve("model"), "--to", file("b")))
                .isZero();
        assertThat(text(err).lines().filter(line -> line.contains("warning: "))).hasSize(2);
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

    private Path copyOfRun() throws IOException {
        Path from = runs.resolve("run");
        Path copy = folder.resolve("run");
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(from.relativize(file).toString()));
            }
        }
        return copy;
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
