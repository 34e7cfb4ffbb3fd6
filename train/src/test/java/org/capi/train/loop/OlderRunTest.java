package org.capi.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.capi.train.TinyRun;
import org.capi.train.config.ConfigFile;
import org.capi.train.export.RunExport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose configuration was written before some of the keys were there. */
class OlderRunTest {

    private static final String LATER =
            "(?m)^  (collapse_window|positions|predictor|objective|student_head|targets|teacher|attention|minutes): .*\n";
    private static final String WEIGHTS = "checkpoints/step-0000006/model.data-00000-of-00001";

    @TempDir
    private Path folder;

    private Path run = Path.of("run");

    @BeforeEach
    void train() throws IOException {
        run = folder.resolve("run");
        String images = TinyRun.images(folder.resolve("set")).toString();
        var config =
                TinyRun.config(6, "metrics.collapse_window=300", "checkpoint.minutes=0", "compute.attention=plain");
        PretrainRun.start(run, images, config, List.of());
    }

    @Test
    void itContinuesAsItStarted() throws IOException {
        byte[] straight = Files.readAllBytes(run.resolve(WEIGHTS));
        try (Stream<Path> files = Files.walk(run.resolve("checkpoints/step-0000006"))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        forget(run.resolve("config.yaml"));
        String forgotten = Files.readString(run.resolve("config.yaml"));
        var outcome = PretrainRun.resume(run, null, List.of());
        assertThat(outcome.step()).isEqualTo(6);
        assertThat(Files.readAllBytes(run.resolve(WEIGHTS))).isEqualTo(straight);
        assertThat(run.resolve("config.yaml")).hasContent(forgotten);
    }

    @Test
    void aCheckpointThatLacksTheKeysAsWellIsNoOtherConfiguration() throws IOException {
        var file = run.resolve("checkpoints/step-0000003/config.yaml");
        forget(file);
        ConfigFile now = ConfigFile.ofRun(run.resolve("config.yaml"));
        assertThat(ConfigFile.ofRun(file).allDifferences(now)).isEmpty();
        assertThat(ConfigFile.read(file).differences(now))
                .contains("capi.objective is not given there, \"clustering\" now");
    }

    @Test
    void itIsExportedAsItWasAndWhatIsMissingIsLogged() throws IOException {
        RunExport now = RunExport.open(run);
        forget(run.resolve("config.yaml"));
        assertThat(ConfigFile.ofRun(run.resolve("config.yaml")).added())
                .containsExactly(
                        "metrics.collapse_window=300",
                        "model.positions=rope",
                        "model.predictor=cross_attention",
                        "capi.objective=clustering",
                        "capi.student_head=linear",
                        "capi.targets=ema",
                        "capi.teacher=''",
                        "compute.attention=plain",
                        "checkpoint.minutes=0.0");
        RunExport older = RunExport.open(run);
        assertThat(older.config()).isEqualTo(now.config());
        older.write(older.newest(), RunExport.Weights.TEACHER, folder.resolve("model"));
        assertThat(folder.resolve("model/assets.extra/config.yaml"))
                .hasContent(now.config().toYaml());
    }

    @Test
    void aKeyThatWasAlwaysThereIsMissed() throws IOException {
        Path file = run.resolve("config.yaml");
        forget(file);
        Files.writeString(file, Files.readString(file).replaceFirst("(?m)^  heads: .*\n", ""));
        String message = "missing key model.heads: a configuration gives every key";
        assertThatThrownBy(() -> RunExport.open(run))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> PretrainRun.resume(run, null, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void aFileOfOnesOwnHasEveryKey() throws IOException {
        forget(run.resolve("config.yaml"));
        assertThatThrownBy(() -> ConfigFile.read(run.resolve("config.yaml")).resolve())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("missing key model.positions: a configuration gives every key");
    }

    private static void forget(Path config) throws IOException {
        String all = Files.readString(config);
        String older = all.replaceAll(LATER, "");
        assertThat(all.lines().count() - older.lines().count()).isEqualTo(9);
        Files.writeString(config, older);
    }
}
