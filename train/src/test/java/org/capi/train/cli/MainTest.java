package org.capi.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.ConfigReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console = new Console(stream(out), stream(err), false);

    @Test
    void helpGoesToStdoutAndListsTheCommands() {
        assertThat(Main.run(console, "--help")).isZero();
        assertThat(text(out)).contains("doctor").contains("Exit status");
        assertThat(text(err)).isEmpty();
    }

    @Test
    void everyCommandHasItsOwnHelp() {
        assertThat(Main.run(console, "doctor", "--help")).isZero();
        assertThat(text(out)).startsWith("Usage: capi doctor").contains("Example:\n  ./capi doctor\n");
    }

    @Test
    void defaultsAreShownWhereThereAreAny() {
        assertThat(Main.run(console, "export", "--help")).isZero();
        assertThat(text(out))
                .contains("--to=DIR")
                .contains("Default: teacher")
                .doesNotContainPattern("Default: *(\\[])?\\n");
    }

    @Test
    void theVersionIsOneLine() {
        assertThat(Main.run(console, "--version")).isZero();
        assertThat(text(out)).matches("capi \\S+\n");
    }

    @Test
    void anUnknownCommandNamesTheNearestOne() {
        assertThat(Main.run(console, "docter")).isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: unknown command docter; did you mean doctor?\n");
    }

    @Test
    void anUnknownOptionNamesTheNearestOne() {
        assertThat(Main.run(console, "doctor", "--jsn")).isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: unknown option --jsn; did you mean --json?\n");
    }

    @Test
    void aMissingCommandIsWrongUse() {
        assertThat(Main.run(console)).isEqualTo(2);
        assertThat(text(err))
                .startsWith("capi: give a command: demo, doctor, data, config, pretrain, resume, ")
                .endsWith("; see capi --help\n")
                .hasLineCount(1);
        assertThat(text(out)).isEmpty();
    }

    @Test
    void anArgumentThatBeginsWithAtIsANameAndItsEscapesAreSpelledOut(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("arguments"), "--help");
        assertThat(Main.run(console, "data", "inspect", "@" + file)).isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: no dataset folder: @" + file + "\n");
        err.reset();
        assertThat(Main.run(console, "data", "inspect", "a\u001b[31m\u202e")).isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: no dataset folder: a\\u001b[31m\\u202e\n");
    }

    @Test
    void aMessageIsAtMostAFewHundredCharacters() {
        assertThat(Main.run(console, "data", "inspect", "x".repeat(5000))).isEqualTo(2);
        assertThat(text(err))
                .startsWith("capi: no dataset folder: xxx")
                .contains("xxx ... xxx")
                .hasSizeLessThan(600);
    }

    @Test
    void noHelpWarns() {
        var before = System.err;
        System.setErr(stream(err));
        try {
            assertThat(Main.run(console, "bench", "data", "--help")).isZero();
        } finally {
            System.setErr(before);
        }
        assertThat(text(err)).isEmpty();
        assertThat(text(out)).contains("crops of 60 to 100 % of the area");
    }

    @Test
    void theHelpOfPretrainSaysOfItsKeysWhatConfigSays() {
        assertThat(Main.run(console, "pretrain", "--help")).isZero();
        List<String> lines = text(out)
                .lines()
                .filter(line -> line.matches("  [a-z]+\\.[a-z_]+  +.*"))
                .toList();
        assertThat(lines).hasSize(5).allSatisfy(line -> {
            String[] parts = line.strip().split("  +", 2);
            assertThat(parts[1]).isEqualTo(ConfigReference.summary(parts[0]));
        });
        assertThat(text(out)).contains("./capi config explains every key");
    }

    @Test
    void configPrintsAFileThatPretrainTakes(@TempDir Path folder) throws IOException {
        assertThat(Main.run(console, "config", "--preset", "vits14", "optim.batch_size=32"))
                .isZero();
        assertThat(text(out)).startsWith("# Preset vits14: ViT-S/14").contains("\n# Changed: optim.batch_size=32\n");
        var written = ConfigFile.read(Files.writeString(folder.resolve("own.yaml"), text(out)));
        var meant = ConfigFile.preset("vits14").with(List.of("optim.batch_size=32"));
        assertThat(written.resolve()).isEqualTo(meant.resolve());
    }

    @Test
    void configExplainsTheKeysThatAreNamed() {
        assertThat(Main.run(console, "config", "lr", "seed", "seed=7")).isZero();
        assertThat(text(out))
                .startsWith("lr is optim.learning_rate here.\n\noptim.learning_rate\n  Highest learning rate")
                .contains("\n\nseed\n  Seed of all random choices")
                .endsWith("  here:    7\n");
        assertThat(text(err)).isEmpty();
    }

    @Test
    void configListsThePresetsAndWritesItsDocument() {
        assertThat(Main.run(console, "config", "--list-presets")).isZero();
        assertThat(text(out)).startsWith("demo        A small model");
        out.reset();
        assertThat(Main.run(console, "config", "--markdown")).isZero();
        assertThat(text(out)).isEqualTo(String.join("\n", ConfigReference.markdown()) + "\n");
    }

    @Test
    void aConfigurationWithSomeKeysSaysHowToStartFromAPreset(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("own.yaml"), "optim: {batch_size: 8}\n");
        String run = folder.resolve("run").toString();
        assertThat(Main.run(console, "pretrain", "--data", "x", "--run", run, "--config", file.toString()))
                .isEqualTo(2);
        assertThat(text(err))
                .isEqualTo(
                        "capi: " + file + ": missing key model: a configuration gives every key; to change a few keys"
                                + " of a preset, give --preset NAME and each of them as section.key=value\n");
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
