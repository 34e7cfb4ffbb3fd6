package org.capi.train.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.capi.train.TinyRun;
import org.capi.train.loop.ChildRun;
import org.capi.train.run.RunFolder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of several workers through the command line, each worker a process. */
@Tag("slow")
class WorkersRunTest {

    /** More of them: {@code -Dcapi.kills=30}. */
    private static final int KILLS = Integer.getInteger("capi.kills", 4);

    private static final int STEPS = 40;

    @TempDir
    private static Path set;

    @TempDir
    private Path folder;

    @BeforeAll
    static void draw() throws IOException {
        TinyRun.images(set.resolve("set"));
    }

    @Test
    void twoWorkersMakeWhatOneMakesAndARunMayChangeBetweenThem() throws Exception {
        List<Double> one = TinyRun.losses(finished("one", 0, STEPS));
        List<Double> two = TinyRun.losses(finished("two", 2, STEPS, "optim.micro_batches=2"));
        assertClose(two, one);

        Path changed = stoppedAfterHalf(2);
        run(0, "resume", "--run", changed.toString());
        assertClose(TinyRun.losses(changed), one);
        Path back = stoppedAfterHalf(0);
        run(0, "resume", "--run", back.toString(), "--workers", "2");
        assertClose(TinyRun.losses(back), one);
    }

    @Test
    void killedWorkersAreStartedAgainAndEndWithTheSameBits() throws Exception {
        int steps = 20 + 30 * KILLS;
        Path straight = finished("straight", 2, steps, "checkpoint.every=5");
        Path killed = folder.resolve("killed");
        var random = new Random(4);
        List<String> arguments = pretrain(killed, steps, "checkpoint.every=5");
        arguments.addAll(List.of("--workers", "2", "--max-restarts", Integer.toString(KILLS)));
        try (ChildRun launcher = ChildRun.start(killed, folder.resolve("killed.txt"), arguments)) {
            for (int i = 0; i < KILLS; i++) {
                launcher.awaitStep(20L + 30L * i);
                var workers = launcher.process().children().toList();
                Thread.sleep(random.nextInt(300));
                workers.get(random.nextInt(workers.size())).destroyForcibly();
            }
            assertThat(launcher.exit()).as(output("killed")).isZero();
            assertThat(launcher.process().descendants()).isEmpty();
        }
        assertThat(TinyRun.metrics(killed)).isEqualTo(TinyRun.metrics(straight));
        assertThat(weights(killed, steps)).isEqualTo(weights(straight, steps));
    }

    @Test
    void aSignalToAnyWorkerStopsAllWithACheckpoint() throws Exception {
        Path run = folder.resolve("stopped");
        List<String> arguments = pretrain(run, 100_000, "checkpoint.every=100000");
        arguments.addAll(List.of("--workers", "2"));
        try (ChildRun launcher = ChildRun.start(run, folder.resolve("stopped.txt"), arguments)) {
            launcher.awaitStep(3);
            ProcessHandle last = launcher.process().children().toList().get(1);
            last.destroy();
            assertThat(launcher.exit()).as(output("stopped")).isEqualTo(143);
            long step = launcher.lastStep();
            assertThat(run.resolve("checkpoints"))
                    .isDirectoryContaining(path -> path.getFileName().toString().endsWith(Long.toString(step)));
        }
    }

    @Test
    void whatWorkersCannotDoIsRefusedAndLeavesNothing() throws Exception {
        Path run = folder.resolve("refused");
        refused(
                run,
                "optim.batch_size must be a multiple of the number of workers, which is 3, was 4",
                "--workers",
                "3");
        refused(
                run,
                "compute.xla must be off or auto with several workers: XLA compiles no communication between them,"
                        + " was step",
                "--workers",
                "2",
                "compute.xla=step");
        refused(
                run,
                "worker 1 at 127.0.0.1:9 cannot be reached: waited 1 s (compute.collective_timeout) for it to start",
                "--cluster",
                LocalServers.addresses(1).get(0) + ",127.0.0.1:9",
                "--worker",
                "0",
                "compute.collective_timeout=1");
    }

    @Test
    void placesThatCannotBeTakenAreRefused() throws Exception {
        Path run = folder.resolve("refused");
        refused(
                List.of("env", "CUDA_VISIBLE_DEVICES=0"),
                run,
                "--workers must be at most the number of GPUs, which is 1, unless compute.device is cpu, was 2",
                "--workers",
                "2");
        refused(List.of("env", "TF_CONFIG=nonsense"), run, "TF_CONFIG must be JSON, was nonsense");
        refused(
                run,
                "the address of worker 0, 192.0.2.1:2222, must be one of this machine's; is this another worker?",
                "--cluster",
                "192.0.2.1:2222,127.0.0.1:2222",
                "--worker",
                "0");
        try (var held = new ServerSocket(0)) {
            String address = "127.0.0.1:" + held.getLocalPort();
            refused(
                    run,
                    "the address of worker 1, " + address + ", must have a free port, and port " + held.getLocalPort()
                            + " is in use: by another program, or by a worker of the same number",
                    "--cluster",
                    "127.0.0.1:9," + address,
                    "--worker",
                    "1");
        }
    }

    @Test
    void workersWithDifferentConfigurationsAllEndWithBothValues() throws Exception {
        Path run = folder.resolve("different");
        String cluster = String.join(",", LocalServers.addresses(2));
        List<ChildRun> workers = new ArrayList<>();
        try {
            for (int k = 0; k < 2; k++) {
                List<String> arguments = pretrain(run, 4, "optim.weight_decay=0." + (k + 1));
                arguments.addAll(List.of("--cluster", cluster, "--worker", Integer.toString(k)));
                workers.add(ChildRun.start(run, folder.resolve("different" + k + ".txt"), arguments));
            }
            for (int k = 0; k < 2; k++) {
                assertThat(workers.get(k).exit()).isEqualTo(2);
                assertThat(output("different" + k))
                        .contains("capi: all workers must have the same configuration: optim.weight_decay")
                        .contains("0.1 in worker 0")
                        .contains("0.2 in worker 1");
            }
        } finally {
            workers.forEach(ChildRun::close);
        }
        assertThat(run).doesNotExist();
    }

    private void refused(Path run, String message, String... more) throws Exception {
        refused(List.of(), run, message, more);
    }

    private void refused(List<String> wrapper, Path run, String message, String... more) throws Exception {
        List<String> arguments = pretrain(run, 4);
        arguments.addAll(Arrays.asList(more));
        try (ChildRun child = ChildRun.start(wrapper, run, folder.resolve("refused.txt"), arguments)) {
            assertThat(child.exit()).isEqualTo(2);
        }
        assertThat(output("refused")).endsWith("capi: " + message + "\n");
        assertThat(run).doesNotExist();
    }

    @Test
    void roundedGradientsTrainAlmostTheSame() throws Exception {
        List<Double> exact = TinyRun.losses(finished("exact", 2, STEPS));
        List<Double> rounded = TinyRun.losses(finished("rounded", 2, STEPS, "compute.gradient_transport=bfloat16"));
        assertThat(rounded).isNotEqualTo(exact);
        assertClose(rounded, exact, 1e-2);
    }

    @Test
    void workersEndWithTheirLauncher() throws Exception {
        Path run = folder.resolve("run");
        List<String> arguments = pretrain(run, 100_000);
        arguments.addAll(List.of("--workers", "2"));
        List<ProcessHandle> workers;
        try (ChildRun launcher = ChildRun.start(run, folder.resolve("launcher.txt"), arguments)) {
            launcher.awaitStep(3);
            workers = launcher.process().children().toList();
        }
        assertThat(workers).hasSize(2);
        for (ProcessHandle worker : workers) {
            worker.onExit().get(20, TimeUnit.SECONDS);
        }
        new RunFolder(run).lock().close(); // the run is free
    }

    private Path stoppedAfterHalf(int workers) throws Exception {
        Path run = finished("stopped-" + workers, workers, STEPS, "checkpoint.every=" + STEPS / 2);
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            for (Path checkpoint : checkpoints.toList()) {
                if (checkpoint.endsWith(checkpoint(STEPS))) {
                    delete(checkpoint);
                }
            }
        }
        return run;
    }

    private static void delete(Path checkpoint) throws IOException {
        try (Stream<Path> files = Files.list(checkpoint)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(checkpoint);
    }

    private Path finished(String name, int workers, int steps, String... overrides) throws Exception {
        Path run = folder.resolve(name);
        List<String> arguments = pretrain(run, steps, overrides);
        run(workers, arguments.toArray(String[]::new));
        return run;
    }

    private void run(int workers, String... command) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(command));
        if (workers > 0) {
            arguments.addAll(List.of("--workers", Integer.toString(workers)));
        }
        try (ChildRun child = ChildRun.start(folder, folder.resolve("run.txt"), arguments)) {
            assertThat(child.exit()).as(output("run")).isZero();
        }
    }

    private static List<String> pretrain(Path run, int steps, String... overrides) {
        List<String> arguments =
                new ArrayList<>(List.of("pretrain", "--data", set.resolve("set").toString(), "--run", run.toString()));
        arguments.addAll(TinyRun.overrides(steps, "model.stochastic_depth=0", "optim.batch_size=4"));
        arguments.addAll(List.of(overrides));
        return arguments;
    }

    private String output(String name) throws IOException {
        Path file = folder.resolve(name + ".txt");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private static void assertClose(List<Double> actual, List<Double> expected) {
        assertClose(actual, expected, 1e-5);
    }

    private static void assertClose(List<Double> actual, List<Double> expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.get(i)).as("step " + (i + 1)).isCloseTo(expected.get(i), within(tolerance));
        }
    }

    private static byte[] weights(Path run, int step) throws IOException {
        Path checkpoint = run.resolve("checkpoints").resolve(checkpoint(step));
        return Files.readAllBytes(checkpoint.resolve("model.data-00000-of-00001"));
    }

    private static String checkpoint(int step) {
        return String.format(Locale.ROOT, "step-%07d", step);
    }
}
