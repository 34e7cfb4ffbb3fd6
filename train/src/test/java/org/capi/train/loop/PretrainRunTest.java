package org.capi.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.batch.StreamState;
import org.capi.data.source.drawn.Drawings;
import org.capi.train.TinyRun;
import org.capi.train.checkpoint.Checkpoints;
import org.capi.train.config.PretrainConfig;
import org.capi.train.config.PretrainConfig.Evaluation;
import org.capi.train.loop.NonFiniteGuard.TrainingDivergedException;
import org.capi.train.metrics.StepMetrics;
import org.capi.train.run.RunFolder;
import org.capi.train.run.RunRecord.ImageSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tiny runs on a few drawn images. */
class PretrainRunTest {

    @TempDir
    private static Path set;

    @TempDir
    private Path folder;

    @BeforeAll
    static void draw() throws IOException {
        TinyRun.images(set.resolve("set"));
    }

    @Test
    void aResumedRunEqualsOneThatNeverStopped() throws IOException {
        Path straight = start("straight", 8);
        Path stopped = start("stopped", 8);
        // As if the process had been killed in step 5: the later checkpoints are gone, the metrics are not.
        delete(stopped.resolve("checkpoints/step-0000006"));
        delete(stopped.resolve("checkpoints/step-0000008"));
        var outcome = PretrainRun.resume(stopped, null, List.of("data.threads=1"));
        assertThat(outcome.step()).isEqualTo(8);
        assertThat(weights(stopped)).isEqualTo(weights(straight));
        assertThat(TinyRun.metrics(stopped)).isEqualTo(TinyRun.metrics(straight));
    }

    @Test
    void twoRunsWithOneSeedDifferInTheirTimesOnly() throws IOException {
        Path first = start("first", 4);
        Path second = start("second", 4);
        assertThat(TinyRun.metrics(second)).hasSize(4).isEqualTo(TinyRun.metrics(first));
        assertThat(Files.readAllLines(second.resolve("metrics.jsonl")))
                .isNotEqualTo(Files.readAllLines(first.resolve("metrics.jsonl")));
    }

    @Test
    void checkpointsByTimeAreAddedAndChangeNoNumber() throws IOException {
        Path straight = start("straight", 8);
        Path often = folder.resolve("often");
        PretrainConfig config = TinyRun.config(8, "checkpoint.minutes=1e-9", "checkpoint.every=100");
        PretrainRun.start(often, set.resolve("set").toString(), config, List.of());
        assertThat(new Checkpoints(often.resolve("checkpoints"), 5, 0).list())
                .extracting(Checkpoints.Checkpoint::step)
                .containsExactly(0L, 4L, 5L, 6L, 7L, 8L);
        assertThat(weights(often)).isEqualTo(weights(straight));
        assertThat(TinyRun.metrics(often)).isEqualTo(TinyRun.metrics(straight));

        // And one of them is as good to continue from as any other.
        delete(often.resolve("checkpoints/step-0000006"));
        delete(often.resolve("checkpoints/step-0000007"));
        delete(often.resolve("checkpoints/step-0000008"));
        assertThat(PretrainRun.resume(often, null, List.of("checkpoint.minutes=0"))
                        .step())
                .isEqualTo(8);
        assertThat(often.resolve("checkpoints/step-0000007")).doesNotExist();
        assertThat(weights(often)).isEqualTo(weights(straight));
    }

    @Test
    void theTimeThatIsLeftIsEstimatedAfterTwentyStepsAndTheDeviceIsTheOneInUse() throws IOException {
        Path run = folder.resolve("run");
        PretrainConfig config =
                TinyRun.config(22, "metrics.every=1000", "checkpoint.every=1000", "compute.device=auto");
        PretrainRun.start(run, set.resolve("set").toString(), config, List.of());
        assertThat(Files.readAllLines(run.resolve("log.txt")))
                .anyMatch(line -> line.matches(".* step 20 of 22: loss .*images/s, .* left"))
                .anyMatch(line -> line.matches(".* device: [CG]PU, float32"))
                .noneMatch(line -> line.contains(" step 19 of 22: "));
    }

    @Test
    void theCheckpointOfStepZeroIsTheUntrainedModel() throws IOException {
        Path run = start("run", 4);
        assertThat(run.resolve("checkpoints/step-0000000/model.index")).exists();
        assertThat(run.resolve("checkpoints/step-0000003/model.index")).exists();
        assertThat(run.resolve("checkpoints/step-0000004/model.index")).exists();
    }

    @Test
    void aFolderThatHoldsARunIsLeftAlone() throws IOException {
        Path run = start("run", 2);
        byte[] before = Files.readAllBytes(run.resolve("metrics.jsonl"));
        assertThatThrownBy(() -> start("run", 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("already holds a run");
        assertThat(Files.readAllBytes(run.resolve("metrics.jsonl"))).isEqualTo(before);
    }

    @Test
    void aRunThatEndedBeforeItsFirstCheckpointIsStartedAgain() throws IOException {
        Path run = start("run", 2);
        List<String> metrics = TinyRun.metrics(run);
        Files.write(run.resolve("metrics.jsonl"), new byte[0]);
        for (Path checkpoint : RunFolder.entries(run.resolve("checkpoints"))) {
            delete(checkpoint);
        }
        Files.createDirectory(run.resolve("checkpoints/step-0000000.0123456789abcdef.partial"));
        assertThat(TinyRun.metrics(start("run", 2))).isEqualTo(metrics);
        assertThat(run.resolve("checkpoints"))
                .isDirectoryNotContaining(entry -> entry.toString().endsWith(".partial"));
    }

    @Test
    void aFinishedRunIsNotResumed() throws IOException {
        Path run = start("run", 2);
        assertThatThrownBy(() -> PretrainRun.resume(run, null, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is finished: its newest checkpoint is of its last step, 2");
    }

    @Test
    void aRunThatIsNoLongerFiniteStopsAndNamesTheSteps() throws IOException {
        Path run = folder.resolve("run");
        PretrainConfig wild = TinyRun.config(20, "optim.learning_rate=1e30", "optim.clustering_learning_rate=1e30");
        assertThatThrownBy(() -> PretrainRun.start(run, set.resolve("set").toString(), wild, List.of()))
                .isInstanceOf(TrainingDivergedException.class)
                .hasMessageMatching(
                        "training diverged: steps \\[\\d+, \\d+, \\d+\\] gave .* --replay \\d+ repeats the last");
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        assertThat(lines.subList(lines.size() - 3, lines.size())).allMatch(line -> line.contains("\"updated\":false"));
        assertThat(run.resolve("checkpoints/step-0000000/model.index")).exists();

        // The captured steps give what they gave.
        for (String line : lines.subList(lines.size() - 3, lines.size())) {
            var logged = new ObjectMapper().readTree(line);
            long step = logged.get("step").asLong();
            StepMetrics again = PretrainRun.replay(run, step, List.of());
            assertThat(String.valueOf(again.studentLoss()))
                    .isEqualTo(logged.get("student_loss").asText());
            assertThat(String.valueOf(again.gradientNorm()))
                    .isEqualTo(logged.get("gradient_norm").asText());
            assertThat(again.updated()).isFalse();
            assertThat(run.resolve("faults/step-" + step + "/rows.json"))
                    .content()
                    .contains("\"name\"");
        }
        assertThatThrownBy(() -> PretrainRun.replay(run, 1, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no batch of step 1 was captured under ");
    }

    @Test
    void aDamagedCheckpointIsSetAsideAndTheOneBeforeItIsUsed() throws IOException {
        Path straight = start("straight", 8);
        Path damaged = start("damaged", 8);
        delete(damaged.resolve("checkpoints/step-0000008"));
        Path weights = damaged.resolve("checkpoints/step-0000006/model.data-00000-of-00001");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length / 2] ^= 1;
        Files.write(weights, bytes);
        assertThat(PretrainRun.resume(damaged, null, List.of()).step()).isEqualTo(8);
        assertThat(damaged.resolve("checkpoints/step-0000006.damaged")).exists();
        assertThat(weights(damaged)).isEqualTo(weights(straight));
    }

    @Test
    void aCheckpointOfAnotherConfigurationIsRefused() throws IOException {
        Path run = start("run", 4);
        delete(run.resolve("checkpoints/step-0000004"));
        Path config = run.resolve("config.yaml");
        Files.writeString(config, Files.readString(config).replaceAll("weight_decay: 0.1", "weight_decay: 0.2"));
        assertThatThrownBy(() -> PretrainRun.resume(run, null, List.of("metrics.every=1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("step-0000003 is of another configuration: ")
                .hasMessageContaining("optim.weight_decay is 0.1 there, 0.2 now");
    }

    @Test
    void evaluationsOnImagesThatAreNotThereAreRefusedBeforeTheRunStarts() {
        PretrainConfig config =
                TinyRun.config(6, "evals=[{every: 3, weights: teacher, probe: knn, train: absent, test: absent}]");
        assertThatThrownBy(() -> PretrainRun.start(
                        folder.resolve("run"), set.resolve("set").toString(), config, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("absent");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    @Tag("slow")
    void aRunEvaluatesItselfAndShowsItAll() throws IOException {
        Path run = folder.resolve("run");
        String images = set.resolve("set").toString();
        String evals = "[{every: 2, weights: teacher, probe: knn, train: '" + images + ":train', test: '" + images
                + ":val'}, {every: 6, weights: student, probe: pca, train: '', test: '" + images + ":val'}]";
        PretrainConfig config = TinyRun.config(
                6, "evals=" + evals, "metrics.tensorboard=true", "metrics.every=2", "data.image_size=32");
        PretrainRun.start(run, images, config, List.of());
        var json = new ObjectMapper();
        List<String> found = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("evals.jsonl"))) {
            var tree = json.readTree(line);
            found.add(tree.get("step") + " " + tree.get("weights").asText() + " "
                    + tree.get("probe").asText());
        }
        assertThat(found).containsExactly("2 teacher knn", "4 teacher knn", "6 teacher knn", "6 student pca");
        assertThat(run.resolve("evals/step-0000006-student-pca-2/pca.png")).exists();
        assertThat(run.resolve("evals/baselines")).isDirectoryContaining("glob:**/knn-untrained-*.json");
        assertThat(run.resolve("evals/baselines")).isDirectoryNotContaining("glob:**.arrow");
        assertThat(run.resolve("exports")).isEmptyDirectory();
        assertThat(run.resolve("report.html"))
                .content()
                .contains("Losses", "Signs of collapse", "teacher knn", "data:image/png;base64,")
                .contains("<th>untrained</th><th>raw pixels</th>");
        try (Stream<Path> events = Files.list(run.resolve("tensorboard"))) {
            assertThat(events).hasSize(1);
        }
    }

    @Test
    @Tag("slow")
    void anEvaluationThatFailsDoesNotHurtTheRun() throws IOException {
        Path run = folder.resolve("run");
        String images = set.resolve("set").toString();
        String evals =
                "[{every: 3, weights: teacher, probe: knn, train: '" + images + ":train', test: '" + images + ":val'}]";
        Files.createDirectories(run);
        Files.createDirectories(run.resolve("evals"));
        Files.writeString(run.resolve("evals/step-0000003-teacher-knn"), "in the way");
        var outcome = PretrainRun.start(run, images, TinyRun.config(6, "evals=" + evals), List.of());
        assertThat(outcome.step()).isEqualTo(6);
        assertThat(Files.readAllLines(run.resolve("evals.jsonl"))).hasSize(1);
        assertThat(run.resolve("log.txt")).content().contains("the evaluation step-0000003-teacher-knn failed");
    }

    @Test
    void imagesThatAreNotThereAreNamedAndNoRunStarts() {
        Path run = folder.resolve("run");
        assertThatThrownBy(
                        () -> PretrainRun.start(run, set.resolve("nothing").toString(), TinyRun.config(2), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing");
        assertThat(run).doesNotExist();
    }

    @Test
    void aRunOverTwoSetsContinuesWithBothAndNotesHowManyImagesEachHas() throws IOException {
        String both = set.resolve("set") + "," + set.resolve("set:val");
        Path straight = folder.resolve("straight");
        PretrainRun.start(straight, both, TinyRun.config(8), List.of());
        Path stopped = folder.resolve("stopped");
        PretrainRun.start(stopped, both, TinyRun.config(8), List.of());
        delete(stopped.resolve("checkpoints/step-0000006"));
        delete(stopped.resolve("checkpoints/step-0000008"));
        PretrainRun.resume(stopped, null, List.of());
        assertThat(weights(stopped)).isEqualTo(weights(straight));
        assertThat(RunFolder.open(straight).record().data())
                .containsExactly(
                        new ImageSet(set.resolve("set").toString(), 20, fingerprint("train")),
                        new ImageSet(set.resolve("set") + ":val", 10, fingerprint("val")));
        assertThat(new Checkpoints(straight.resolve("checkpoints"), 5, 0).at(6).stream())
                .isEqualTo(new StreamState(TinyRun.config(8).seed(), 30, 1, 6));
    }

    private static String fingerprint(String split) {
        return DatasetInfo.read(set.resolve("set").resolve(split)).fingerprint();
    }

    @Test
    void asManyOtherImagesAreRefusedByTheirFingerprintAndTheSameElsewhereAreTaken() throws IOException {
        Path run = start("run", 8);
        delete(run.resolve("checkpoints/step-0000008"));
        new Drawings(20, 1, 48, 2).generate(folder.resolve("other"), (done, total) -> {});
        String other = folder.resolve("other").toString();
        String others = DatasetInfo.read(folder.resolve("other/train")).fingerprint();
        assertThatThrownBy(() -> PretrainRun.resume(run, other, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the run was started with the images " + set.resolve("set") + ", fingerprint "
                        + fingerprint("train") + "; " + other + " holds others, fingerprint " + others
                        + "; give the same sets in the same order");
        new Drawings(20, 10, 48, 1).generate(folder.resolve("moved"), (done, total) -> {});
        assertThat(PretrainRun.resume(run, folder.resolve("moved").toString(), List.of())
                        .step())
                .isEqualTo(8);
    }

    @Test
    void aRecordWithoutFingerprintsOrADamagedOneStillContinuesWhenTheImagesAreNamed() throws IOException {
        Path run = start("run", 8);
        delete(run.resolve("checkpoints/step-0000008"));
        Path record = run.resolve("run.json");
        Files.writeString(record, Files.readString(record).replaceAll(",\\s*\"fingerprint\" : \"\\w+\"", ""));
        assertThat(PretrainRun.resume(run, null, List.of()).step()).isEqualTo(8);
        delete(run.resolve("checkpoints/step-0000008"));
        Files.writeString(record, "{\"version\":");
        assertThatThrownBy(() -> PretrainRun.resume(run, null, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("damaged " + record);
        assertThat(PretrainRun.resume(run, set.resolve("set").toString(), List.of())
                        .step())
                .isEqualTo(8);
    }

    @Test
    void theImagesAndTheEvaluationsOfARunAreNotedWithAbsolutePaths() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        String relative = here.relativize(set.resolve("set").toAbsolutePath()).toString();
        Path run = folder.resolve("run");
        PretrainConfig config = TinyRun.config(
                2,
                "evals=[{every: 100, weights: teacher, probe: knn, train: '" + relative + "', test: '" + relative
                        + ":val'}]");
        PretrainRun.start(run, relative, config, List.of());
        String absolute = here.resolve(relative).toString();
        assertThat(RunFolder.open(run).record().data())
                .containsExactly(new ImageSet(absolute, 20, fingerprint("train")));
        assertThat(RunFolder.open(run).config().resolve().evals())
                .extracting(Evaluation::train, Evaluation::test)
                .containsExactly(tuple(absolute, absolute + ":val"));
    }

    @Test
    void aRunWithDamagedMetricsAndAnEmptyMarkerContinuesFromTheNewestWholeCheckpoint() throws IOException {
        Path straight = start("straight", 8);
        Path run = start("run", 8);
        Files.writeString(run.resolve("checkpoints/step-0000008/complete"), "");
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        Files.write(run.resolve("metrics.jsonl"), List.of(lines.get(0), lines.get(1), "}{", lines.get(3)));
        assertThat(PretrainRun.resume(run, null, List.of()).step()).isEqualTo(8);
        assertThat(weights(run)).isEqualTo(weights(straight));
        assertThat(run.resolve("checkpoints/step-0000008.damaged")).exists();
        assertThat(run.resolve("metrics.jsonl.damaged")).exists();
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl")))
                .hasSize(4)
                .startsWith(lines.get(0), lines.get(1))
                .last()
                .asString()
                .startsWith("{\"step\":8,");
    }

    @Test
    void aShardThatIsCutOffEndsARunWithACheckpointAndIsNamed() throws IOException {
        Path images = TinyRun.images(folder.resolve("set"));
        Path shard = images.resolve("train/shard-00000.arrow");
        Path run = folder.resolve("run");
        PretrainConfig config = TinyRun.config(1_000_000, "checkpoint.every=1000000");
        var cut = new Thread(() -> {
            try {
                while (!Files.exists(run.resolve("metrics.jsonl")) || Files.size(run.resolve("metrics.jsonl")) == 0) {
                    Thread.sleep(5);
                }
                try (var file = Files.newByteChannel(shard, StandardOpenOption.WRITE)) {
                    file.truncate(2000);
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        cut.start();
        assertThatThrownBy(() -> PretrainRun.start(run, images.toString(), config, List.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(shard + " was cut off while it was in use: it has 2000 bytes");
        long last = TinyRun.metrics(run).size();
        assertThat(new Checkpoints(run.resolve("checkpoints"), 5, 0).newestWhole(false))
                .hasValueSatisfying(
                        saved -> assertThat(saved.step()).isEqualTo(last).isPositive());
    }

    @Test
    void aRunDoesNotContinueWithOtherImagesOrAnotherSeedAndLosesNothing() throws IOException {
        Path run = start("run", 8);
        delete(run.resolve("checkpoints/step-0000008"));
        List<String> before = Files.readAllLines(run.resolve("metrics.jsonl"));
        String other = set.resolve("set") + ":val";
        assertThatThrownBy(() -> PretrainRun.resume(run, other, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sets of [20] images, these have [10]");
        Path config = run.resolve("config.yaml");
        Files.writeString(config, Files.readString(config).replaceAll("(?m)^seed: .*", "seed: 77"));
        assertThatThrownBy(() -> PretrainRun.resume(run, null, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("step-0000006 is of another configuration: seed is ")
                .hasMessageEndingWith(" there, 77 now");
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).isEqualTo(before);
    }

    private Path start(String name, int steps) throws IOException {
        Path run = folder.resolve(name);
        PretrainRun.start(run, set.resolve("set").toString(), TinyRun.config(steps), List.of("pretrain"));
        return run;
    }

    private static byte[] weights(Path run) throws IOException {
        return Files.readAllBytes(run.resolve("checkpoints/step-0000008/model.data-00000-of-00001"));
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
