package org.capi.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunFolderTest {

    private static final PretrainConfig CONFIG = ConfigFile.preset("demo").resolve();
    private static final RunRecord RECORD = new RunRecord(
            "0.1.0",
            null,
            "2.18.0",
            "17",
            "Linux amd64",
            List.of("pretrain"),
            "/work",
            "2026-01-01T00:00:00Z",
            List.of(new RunRecord.ImageSet("/a:train", 2000, "0123456789abcdef")));

    @TempDir
    Path folder;

    @Test
    void aNewRunHoldsItsConfigurationAndItsRecord() throws IOException {
        Path path = folder.resolve("runs/first");
        RunFolder.create(path, CONFIG, RECORD);
        RunFolder run = RunFolder.open(path);

        assertThat(run.config().resolve()).isEqualTo(CONFIG);
        assertThat(run.record()).isEqualTo(RECORD);
        assertThat(Files.readString(run.recordFile()))
                .contains("\"command_line\" : [ \"pretrain\" ]")
                .contains("\"commit\" : null")
                .contains("\"path\" : \"/a:train\"", "\"images\" : 2000");
        try (var files = Files.list(path)) {
            assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder("config.yaml", "run.json");
        }
    }

    @Test
    void theRecordOfNowNamesTheVersions() {
        var now = RunRecord.now(List.of("pretrain", "--run", "x"), List.of(new RunRecord.ImageSet("/a", 10, null)));

        assertThat(now.folder()).isEqualTo(Path.of("").toAbsolutePath().toString());
        assertThat(now.tensorflow()).isEqualTo("2.18.0");
        assertThat(now.java()).isEqualTo(System.getProperty("java.version"));
        assertThat(now.started()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run.json", "config.yaml", "metrics.jsonl", "checkpoints"})
    void aFolderThatHoldsARunIsRefused(String sign) throws IOException {
        Files.createFile(folder.resolve(sign));

        assertThatThrownBy(() -> RunFolder.create(folder, CONFIG, RECORD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the run folder " + folder + " already holds a run (" + sign
                        + "); name another folder, or continue with: ./capi resume --run " + folder);
    }

    @Test
    void aFolderWithOtherThingsIsTaken() throws IOException {
        Files.createFile(folder.resolve("notes.txt"));

        assertThat(RunFolder.create(folder, CONFIG, RECORD).configFile()).exists();
    }

    @Test
    void aFileIsNoRunFolder() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> RunFolder.create(file, CONFIG, RECORD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the run folder " + file + " is a file; name a folder");
        assertThatThrownBy(() -> RunFolder.open(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(folder + " is not a run folder: it must hold config.yaml");
    }

    @Test
    void theCommitOfACheckoutIsFoundAndOutsideOneThereIsNone() throws Exception {
        assertThat(RunRecord.commitOf(folder)).isEmpty();
        git("init", "-q");
        Files.writeString(folder.resolve("a"), "1");
        git("add", "a");
        git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "a");
        var clean = RunRecord.commitOf(folder);
        Files.writeString(folder.resolve("a"), "2");

        assertThat(clean).hasValueSatisfying(commit -> assertThat(commit).matches("[0-9a-f]{40}"));
        assertThat(RunRecord.commitOf(folder)).hasValue(clean.orElseThrow() + "-dirty");
    }

    private void git(String... arguments) throws Exception {
        var builder = new ProcessBuilder("git");
        builder.command().addAll(List.of(arguments));
        assertThat(builder.directory(folder.toFile()).inheritIO().start().waitFor())
                .isZero();
    }
}
