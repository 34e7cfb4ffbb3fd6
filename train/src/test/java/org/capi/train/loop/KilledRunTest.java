package org.capi.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.capi.train.TinyRun;
import org.capi.train.checkpoint.Checkpoints;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs in processes of their own that get signals, are killed, or meet a full disk. */
@Tag("slow")
class KilledRunTest {

    private static final int ENDLESS = 10_000_000;
    /** More of them: {@code -Dcapi.kills=50}. */
    private static final int KILLS = Integer.getInteger("capi.kills", 10);

    @TempDir
    private static Path set;

    @TempDir
    private Path folder;

    @BeforeAll
    static void draw() throws IOException {
        TinyRun.images(set.resolve("set"));
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130", "USR2, 140"})
    void aSignalEndsARunAfterItsStepWithACheckpoint(String signal, int status) throws Exception {
        assumeReceived(signal);
        try (var child = pretrain("checkpoint.every=1000000")) {
            child.awaitStep(3);
            child.send(signal);
            assertThat(child.exit()).as(output()).isEqualTo(status);
            assertThat(newest(child)).isEqualTo(child.lastStep()).isGreaterThanOrEqualTo(3);
            assertThat(output())
                    .containsPattern("run: stopped after \\d+ steps; .*\n")
                    .contains("continue with:\n  ./capi resume --run ")
                    .containsPattern("(Ctrl-C|signal \\d+): finishing this step and saving a checkpoint; ");
        }
    }

    @Test
    void aSecondSignalLeavesAtOnce() throws Exception {
        assumeReceived("INT");
        try (var child = pretrain(
                "checkpoint.every=1000000",
                "model.dim=768",
                "model.depth=12",
                "model.heads=12",
                "model.predictor_dim=768",
                "optim.batch_size=64")) {
            child.awaitStep(1);
            child.send("TERM");
            Thread.sleep(200);
            child.send("INT");
            assertThat(child.exit()).as(output()).isEqualTo(130);
            assertThat(newest(child)).isZero();
        }
    }

    /** A process that a shell starts in the background ignores SIGINT, and so do its children. */
    private static void assumeReceived(String signal) throws IOException {
        Path status = Path.of("/proc/self/status");
        if (signal.equals("INT") && Files.exists(status)) {
            String ignored = Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("SigIgn:"))
                    .map(line -> line.substring("SigIgn:".length()).strip())
                    .findFirst()
                    .orElse("0");
            assumeThat(Long.parseUnsignedLong(ignored, 16) & 2)
                    .as("this process ignores SIGINT, as background jobs of a shell do")
                    .isZero();
        }
    }

    @Test
    void runsThatAreKilledLoseNoMoreThanOneInterval() throws Exception {
        int every = 2;
        var random = new Random(KILLS);
        long before = 0;
        try (var first = pretrain("checkpoint.every=" + every, "checkpoint.max_to_keep=2")) {
            first.awaitStep(1);
            Thread.sleep(random.nextInt(2000));
            first.process().destroyForcibly().waitFor();
            before = kept(first, every);
        }
        for (int kill = 1; kill < KILLS; kill++) {
            Path run = folder.resolve("run");
            try (var child = ChildRun.start(run, log(), List.of("resume", "--run", run.toString()))) {
                child.awaitStep(before + every + 1);
                Thread.sleep(random.nextInt(300));
                child.process().destroyForcibly().waitFor();
                long now = kept(child, every);
                assertThat(now).isGreaterThanOrEqualTo(before);
                before = now;
            }
        }
    }

    /** Weights, moments, moving averages and metrics after 40 steps = 20 steps, kill -9, resume, 20 steps. */
    @Test
    void aRunThatWasKilledEndsAsOneThatWasNot() throws Exception {
        Path straight = folder.resolve("straight");
        var overrides = TinyRun.overrides(40, "checkpoint.every=20", "optim.warmup_steps=5", "optim.batch_size=24");
        try (var child = ChildRun.pretrain(straight, set.resolve("set"), log(), overrides)) {
            assertThat(child.exit()).as(output()).isZero();
        }
        Path killed = folder.resolve("killed");
        try (var child = ChildRun.pretrain(killed, set.resolve("set"), log(), overrides)) {
            child.awaitStep(21);
            child.process().destroyForcibly().waitFor();
            assertThat(newest(child)).isEqualTo(20);
        }
        try (var child = ChildRun.start(killed, log(), List.of("resume", "--run", killed.toString()))) {
            assertThat(child.exit()).as(output()).isZero();
        }
        for (String file : List.of("model.index", "model.data-00000-of-00001")) {
            Path last = Path.of("checkpoints", "step-0000040", file);
            assertThat(killed.resolve(last)).hasSameBinaryContentAs(straight.resolve(last));
        }
        assertThat(TinyRun.metrics(killed)).hasSize(40).isEqualTo(TinyRun.metrics(straight));
    }

    @Test
    void aSecondCommandOnARunIsRefusedUntilTheFirstIsKilled() throws Exception {
        Path run = folder.resolve("run");
        Path said = folder.resolve("second.txt");
        try (var first = pretrain("checkpoint.every=2")) {
            first.awaitStep(3);
            String refusal = "capi: the run folder " + run + " is in use by another command, process "
                    + first.process().pid() + "; wait for it or stop it";
            try (var second = ChildRun.start(run, said, List.of("resume", "--run", run.toString()))) {
                assertThat(second.exit()).isEqualTo(2);
                assertThat(Files.readString(said)).contains(refusal);
            }
            Path model = folder.resolve("model");
            List<String> export = List.of(
                    "export",
                    "--run",
                    run.toString(),
                    "--step",
                    "0",
                    "--to",
                    model.toString()); // step 0 is never deleted
            try (var reader = ChildRun.start(run, said, export)) {
                assertThat(reader.exit()).as(Files.readString(said)).isZero();
                assertThat(Files.readString(said)).doesNotContainPattern("(?m)^(WARNING: All log|[IWE]\\d{4} )");
            }
            first.process().destroyForcibly().waitFor();
            long before = newest(first);
            try (var third = ChildRun.start(run, log(), List.of("resume", "--run", run.toString()))) {
                third.awaitStep(before + 3);
                third.send("TERM");
                assertThat(third.exit()).as(output()).isEqualTo(143);
            }
        }
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).startsWith("{\"step\":" + (i + 1) + ",");
        }
    }

    @Test
    void aShardThatIsCutOffEndsTheProcessWithStatusOneAndACheckpoint() throws Exception {
        Path images = TinyRun.images(folder.resolve("set"));
        Path shard = images.resolve("train/shard-00000.arrow");
        var overrides = TinyRun.overrides(ENDLESS, "checkpoint.every=1000000");
        try (var child = ChildRun.pretrain(folder.resolve("run"), images, log(), overrides)) {
            child.awaitStep(3);
            try (var file = Files.newByteChannel(shard, StandardOpenOption.WRITE)) {
                file.truncate(2000);
            }
            assertThat(child.exit()).as(output()).isEqualTo(1);
            assertThat(output()).contains(shard + " was cut off while it was in use: it has 2000 bytes");
            assertThat(newest(child)).isEqualTo(child.lastStep()).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void aDiskThatFillsDoesNotEndARun() throws Exception {
        assumeThat(Path.of("/usr/bin/prlimit"))
                .as("prlimit sets the size of files")
                .exists();
        try (var child = pretrain("checkpoint.every=5", "checkpoint.max_to_keep=2")) {
            child.awaitStep(12);
            limit(child, "1000");
            awaitOutput("a checkpoint could not be written; the run continues");
            assertThat(child.process().isAlive()).isTrue();
            assertThat(newest(child)).isGreaterThanOrEqualTo(10);
            limit(child, "unlimited");
            awaitOutput("a checkpoint could be written again");
            awaitOutput("metrics.jsonl could be written again");
            child.send("TERM");
            assertThat(child.exit()).isEqualTo(143);
            assertThat(newest(child)).isEqualTo(child.lastStep());
            List<String> lines = Files.readAllLines(child.run().resolve("metrics.jsonl"));
            for (int i = 0; i < lines.size(); i++) {
                assertThat(lines.get(i))
                        .startsWith("{\"step\":" + (i + 1) + ",")
                        .endsWith("}}");
            }
            assertThat(output().split("a checkpoint could not be written", -1)).hasSize(2);
        }
    }

    private ChildRun pretrain(String... overrides) throws IOException {
        return ChildRun.pretrain(
                folder.resolve("run"), set.resolve("set"), log(), TinyRun.overrides(ENDLESS, overrides));
    }

    private static void limit(ChildRun child, String bytes) throws IOException, InterruptedException {
        int status = new ProcessBuilder(
                        "prlimit", "--pid", Long.toString(child.process().pid()), "--fsize=" + bytes + ":")
                .start()
                .waitFor();
        assertThat(status).isZero();
    }

    private void awaitOutput(String text) throws IOException, InterruptedException {
        for (int i = 0; i < 600; i++) {
            if (output().contains(text)) {
                return;
            }
            Thread.sleep(100);
        }
        throw new IllegalStateException("was not said: " + text + "\n" + output());
    }

    /** The newest checkpoint, which must not be further back than an interval from the last step. */
    private static long kept(ChildRun child, int every) throws IOException {
        long newest = newest(child);
        assertThat(newest).isGreaterThan(child.lastStep() - 1 - every);
        return newest;
    }

    private static long newest(ChildRun child) throws IOException {
        return new Checkpoints(child.run().resolve("checkpoints"), 1, 0)
                .newestWhole(false)
                .orElseThrow()
                .step();
    }

    private Path log() {
        return folder.resolve("output.txt");
    }

    private String output() throws IOException {
        return Files.readString(log());
    }
}
