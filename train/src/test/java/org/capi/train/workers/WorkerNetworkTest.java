package org.capi.train.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.capi.train.TinyRun;
import org.capi.train.loop.ChildRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three workers that find each other by {@code TF_CONFIG}, each with a network interface and an address of its own: in a
 * network namespace of Linux, joined by a bridge.
 */
@Tag("slow")
class WorkerNetworkTest {

    private static final int WORKERS = 3;
    private static final int STEPS = 30;
    private static final int EVERY = 5;
    private static final int TIMEOUT_SECONDS = 20;
    private static final int PORT = 2222;

    /** A worker's exit when another one was lost. */
    private static final int LOST = 138;

    private final String prefix = "capi" + ProcessHandle.current().pid();

    @TempDir
    private Path folder;

    @BeforeEach
    void makeNetworks() throws Exception {
        TinyRun.images(folder.resolve("set"));
        assumeThat(tryIp("netns", "add", prefix + "-net"))
                .as("network namespaces need root and the program ip")
                .isZero();
        inNetwork("net", "ip", "link", "add", "bridge", "type", "bridge");
        inNetwork("net", "ip", "link", "set", "bridge", "up");
        for (int k = 0; k < WORKERS; k++) {
            String port = "port" + k;
            ip("netns", "add", network(k));
            inNetwork("net", "ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", network(k));
            inNetwork("net", "ip", "link", "set", port, "master", "bridge", "up");
            inNetwork(Integer.toString(k), "ip", "addr", "add", host(k) + "/24", "dev", "eth0");
            inNetwork(Integer.toString(k), "ip", "link", "set", "eth0", "up");
            inNetwork(Integer.toString(k), "ip", "link", "set", "lo", "up");
        }
    }

    @AfterEach
    void deleteNetworks() throws Exception {
        for (int k = 0; k < WORKERS; k++) {
            tryIp("netns", "del", network(k));
        }
        tryIp("netns", "del", prefix + "-net");
    }

    @Test
    void workersEndWhenOneIsKilledAndContinueWithResume() throws Exception {
        Path run = folder.resolve("run");
        List<ChildRun> workers = start(run, pretrain(run));
        try {
            workers.get(0).awaitStep(EVERY + 2);
            workers.get(1).process().destroyForcibly();
            assertLost(workers, List.of(0, 2));
        } finally {
            workers.forEach(ChildRun::close);
        }
        List<ChildRun> again = start(run, List.of("resume", "--run", run.toString()));
        try {
            for (int k = 0; k < WORKERS; k++) {
                assertThat(again.get(k).exit()).as(output(k)).isZero();
            }
        } finally {
            again.forEach(ChildRun::close);
        }
        assertThat(output(0)).containsPattern("continuing after step " + EVERY + "|continuing after step 10");
        Path alone = folder.resolve("alone");
        try (var one = ChildRun.start(alone, folder.resolve("alone.txt"), pretrain(alone))) {
            assertThat(one.exit()).isZero();
        }
        List<Double> expected = TinyRun.losses(alone);
        List<Double> actual = TinyRun.losses(run);
        assertThat(actual).hasSize(STEPS);
        for (int i = 0; i < STEPS; i++) {
            assertThat(actual.get(i)).as("step " + (i + 1)).isCloseTo(expected.get(i), within(1e-5));
        }
    }

    @Test
    void workersEndAfterTheTimeoutWhenOneIsCutOff() throws Exception {
        Path run = folder.resolve("run");
        List<ChildRun> workers = start(run, pretrain(run));
        try {
            workers.get(0).awaitStep(3);
            inNetwork("net", "ip", "link", "set", "port2", "down");
            assertLost(workers, List.of(0, 1, 2));
        } finally {
            workers.forEach(ChildRun::close);
        }
    }

    private void assertLost(List<ChildRun> workers, List<Integer> ranks) throws Exception {
        long before = System.nanoTime();
        for (int k : ranks) {
            assertThat(workers.get(k).exit()).as(output(k)).isEqualTo(LOST);
            assertThat(output(k)).contains("worker " + k + " lost another worker, continue with ./capi resume: ");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(3 * TIMEOUT_SECONDS));
    }

    private List<String> pretrain(Path run) {
        List<String> arguments = new ArrayList<>(
                List.of("pretrain", "--data", folder.resolve("set").toString(), "--run", run.toString()));
        arguments.addAll(TinyRun.overrides(
                STEPS,
                "model.stochastic_depth=0",
                "checkpoint.every=" + EVERY,
                "compute.collective_timeout=" + TIMEOUT_SECONDS));
        return arguments;
    }

    private List<ChildRun> start(Path run, List<String> arguments) throws IOException {
        List<String> addresses = new ArrayList<>();
        for (int k = 0; k < WORKERS; k++) {
            addresses.add(host(k) + ":" + PORT);
        }
        List<ChildRun> workers = new ArrayList<>();
        for (int k = 0; k < WORKERS; k++) {
            String config = new Cluster(addresses, k).toTfConfig();
            List<String> wrapper = List.of("ip", "netns", "exec", network(k), "env", Cluster.TF_CONFIG + "=" + config);
            workers.add(ChildRun.start(wrapper, run, folder.resolve("worker" + k + ".txt"), arguments));
        }
        return workers;
    }

    private String output(int k) throws IOException {
        return Files.readString(folder.resolve("worker" + k + ".txt"));
    }

    private String network(int k) {
        return prefix + "-" + k;
    }

    private static String host(int k) {
        return String.format(Locale.ROOT, "10.99.0.%d", k + 1);
    }

    private void inNetwork(String name, String... command) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("netns", "exec", prefix + "-" + name));
        arguments.addAll(List.of(command));
        ip(arguments.toArray(String[]::new));
    }

    private static void ip(String... arguments) throws Exception {
        assertThat(tryIp(arguments)).as("ip " + String.join(" ", arguments)).isZero();
    }

    private static int tryIp(String... arguments) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1; // not installed
        }
    }
}
