package org.capi.train.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.capi.data.batch.StreamState;
import org.capi.data.files.DurableFile;
import org.capi.fuzz.MutatedFiles;
import org.capi.train.TinyRun;
import org.capi.train.checkpoint.Checkpoints;
import org.capi.train.checkpoint.Checkpoints.Checkpoint;
import org.capi.train.config.PretrainConfig;
import org.capi.train.evals.Evaluations;
import org.capi.train.export.RunExport;
import org.capi.train.metrics.MetricsFile;
import org.capi.train.run.RunFolder;
import org.capi.train.run.RunRecord;
import org.capi.train.run.RunRecord.ImageSet;
import org.capi.train.watch.RunReporter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code resume} and {@code export} read of a run, with one file mutated at a time, is used or refused in one
 * line.
 */
@Tag("slow")
class RunFolderFuzzTest {

    private static final int COPIES = Integer.getInteger("capi.fuzz.copies", 320);
    private static final long MAX_BYTES = 64L << 20;
    private static final PretrainConfig CONFIG = TinyRun.config(9, "metrics.tensorboard=false");
    private static final List<String> FILES = List.of(
            "run.json",
            "config.yaml",
            "metrics.jsonl",
            "evals.jsonl",
            "checkpoints/step-0000006/complete",
            "checkpoints/step-0000006/stream.json",
            "checkpoints/step-0000006/config.yaml",
            "checkpoints/step-0000006/model.index");

    @TempDir
    private Path folder;

    private Path sound = Path.of("");
    private Path copies = Path.of("");

    @BeforeEach
    void write() throws IOException {
        sound = folder.resolve("sound");
        copies = Files.createDirectory(folder.resolve("copies"));
        RunFolder run = RunFolder.create(
                sound,
                CONFIG,
                RunRecord.now(List.of("pretrain"), List.of(new ImageSet("/a:train", 20, "0123456789abcdef"))));
        var checkpoints = PretrainRun.checkpoints(run, CONFIG);
        for (long step = 3; step <= 6; step += 3) {
            checkpoints.save(
                    step,
                    new StreamState(CONFIG.seed(), 20, 0, step),
                    prefix -> {
                        try {
                            Files.writeString(prefix.resolveSibling("model.index"), "tensors");
                            Files.writeString(prefix.resolveSibling(Checkpoint.CONFIG), CONFIG.toYaml());
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    Set.of());
        }
        List<String> lines = new ArrayList<>();
        for (int step = 1; step <= 8; step++) {
            lines.add("{\"step\":" + step + ",\"student_loss\":3.5,\"alarms\":[\"prototype_use\"],\"updated\":true,"
                    + "\"time\":{\"step_seconds\":0.5}}");
        }
        Files.write(run.metricsFile(), lines);
        Files.writeString(
                run.evalsFile(),
                "{\"step\":3,\"weights\":\"teacher\",\"probe\":\"knn\",\"folder\":\"step-0000003-teacher-knn\","
                        + "\"result\":{\"top1\":0.5}}\n");
    }

    @Test
    void aRunWithOneMutatedFileIsOpenedOrRefused() throws IOException {
        List<Path> files = FILES.stream().map(sound::resolve).toList();
        MutatedFiles.parseAll(files, copies, COPIES, MAX_BYTES, mutated -> {
            int number = Integer.parseInt(mutated.getFileName().toString().split("-", 2)[0]);
            Path run = folder.resolve("run");
            DurableFile.deleteTree(run);
            copy(sound, run);
            Files.copy(mutated, run.resolve(FILES.get(number % FILES.size())), StandardCopyOption.REPLACE_EXISTING);
            open(run);
        });
        assertThat(sound.resolve("metrics.jsonl.damaged")).doesNotExist();
    }

    /** The reading part of a resumption, then that of an export. */
    private static void open(Path path) throws IOException {
        RunFolder run = RunFolder.open(path);
        try (var lock = run.lock()) {
            assertThat(lock.file()).exists();
            var written = run.config().withResumed(List.of());
            PretrainConfig config = written.resolve().withAbsolutePaths();
            Checkpoints checkpoints = PretrainRun.checkpoints(run, config);
            Checkpoint from = checkpoints
                    .newestWhole(true)
                    .orElseThrow(() -> new IllegalArgumentException("no complete checkpoint"));
            from.checkConfig(written);
            run.record();
            from.check(config.seed(), 20);
            MetricsFile.continueAfter(run.metricsFile(), from.step()).close();
            RunReporter.after(from.step(), run, config).close();
            Evaluations.after(from.step(), run, config.evals()).close();
        }
        RunExport export = RunExport.open(path);
        export.newest();
        export.at(3);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }
}
