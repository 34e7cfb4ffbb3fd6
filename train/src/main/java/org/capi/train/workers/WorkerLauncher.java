package org.capi.train.workers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.files.DurableFile;
import org.capi.train.child.ChildProcess;
import org.capi.train.config.PretrainConfig;
import org.capi.train.config.PretrainConfig.DeviceChoice;
import org.capi.train.loop.PretrainRun;
import org.capi.train.loop.StopRequest;
import org.capi.train.metrics.MetricsFile;
import org.capi.train.run.RunFolder;
import org.capi.train.run.RunFolder.RunLog;
import org.capi.train.workers.WorkerServer.WorkerLostException;

/**
 * Starts the workers of a run as processes of this machine, waits for their end, and starts all of them again from the
 * newest checkpoint when one is lost. Each gets its rank by {@code TF_CONFIG}.
 *
 * @param run the folder of the run
 * @param workers how many processes
 * @param maxRestarts how often they are started again
 * @param config of the run
 */
public record WorkerLauncher(Path run, int workers, int maxRestarts, PretrainConfig config) {

    private static final Logger log = LogManager.getLogger(WorkerLauncher.class);

    private static final String GPUS = "CUDA_VISIBLE_DEVICES";
    private static final Path NVIDIA = Path.of("/proc/driver/nvidia/gpus");
    private static final String LAUNCHED = "CAPI_LAUNCHED";

    /** Takes a process out of the terminal's group: Ctrl-C reaches this program only, which passes it on. */
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private static final int POLL_MILLIS = 50;
    private static final int WRONG_USE = 2;
    private static final int DIVERGED = 3;
    private static final int SIGNAL = 128;
    private static final int INTERRUPT = 2;

    /** Statuses of a worker after which the others end by themselves; the last three are of SIGINT, SIGUSR2, SIGTERM. */
    private static final Set<Integer> ORDERLY =
            Set.of(0, WRONG_USE, DIVERGED, SIGNAL + INTERRUPT, SIGNAL + 12, SIGNAL + 15);

    /** How long the others may take to say why they refuse to start, or to end after worker 0 has stopped. */
    private static final long GRACE_SECONDS = 5;

    /** Ends this process when the launcher that started it is gone, which ends its standard input. */
    public static void endWithLauncher() {
        if (System.getenv(LAUNCHED) == null) {
            return;
        }
        Thread watch = new Thread(
                () -> {
                    try (InputStream in = System.in) {
                        in.transferTo(OutputStream.nullOutputStream()); // until its end; nothing is ever written
                    } catch (IOException e) {
                        log.debug("standard input is closed", e);
                    }
                    Runtime.getRuntime().halt(SIGNAL + INTERRUPT);
                },
                "launcher");
        watch.setDaemon(true);
        watch.start();
    }

    /**
     * Trains.
     *
     * @param arguments of one worker's first start, such as {@code pretrain}, {@code --run}, {@code runs/1}
     * @return the exit status of the run
     */
    public int launch(List<String> arguments) throws IOException {
        config.checkWorkers(workers);
        List<String> gpus = gpus();
        RunFolder folder = new RunFolder(run);
        boolean fresh = !Files.exists(folder.configFile()) || folder.endedBeforeItsFirstCheckpoint();
        boolean made = !Files.exists(run);
        List<String> next = arguments;
        long place = -1;
        try (StopRequest stop = StopRequest.listen()) {
            for (int restarts = 0; ; restarts++) {
                int status;
                try (Group group = Group.start(this, next, gpus)) {
                    status = group.await(stop);
                }
                if (stop.requested()) {
                    return status == 0 ? 0 : SIGNAL + stop.signal();
                }
                if (status == WRONG_USE && fresh && !Files.exists(folder.configFile())) {
                    DurableFile.deleteTree(made ? run : folder.workers());
                }
                if (ORDERLY.contains(status)) {
                    return status;
                }
                if (Files.exists(folder.configFile())) {
                    RunLog.to(folder.logFile());
                }
                long reached = Math.max(0, MetricsFile.lastStep(folder.metricsFile()));
                if (restarts == maxRestarts || reached == place) {
                    log.warn(
                            "the workers are not started again: {}; continue with ./capi resume --run {} --workers {}",
                            reached == place
                                    ? "they failed twice after step " + reached
                                    : "they were started again " + restarts + " times, see --max-restarts",
                            run,
                            workers);
                    return status;
                }
                place = reached;
                next = again(folder, arguments, fresh);
                log.warn(
                        "starting all {} workers again, {} of {} times: they had made {} steps",
                        workers,
                        restarts + 1,
                        maxRestarts,
                        reached);
            }
        }
    }

    /** The arguments that continue a run: those of the first start, where that left no checkpoint. */
    private List<String> again(RunFolder folder, List<String> arguments, boolean fresh) throws IOException {
        if (PretrainRun.checkpoints(folder, config).newestWhole(false).isPresent()) {
            if (!fresh) {
                return arguments;
            }
            List<String> resume = new ArrayList<>(List.of("resume", "--run", run.toString()));
            List.of("--json", "--debug").stream().filter(arguments::contains).forEach(resume::add);
            return resume;
        }
        return arguments;
    }

    /** The GPU of each worker; empty where they share the cores. */
    private List<String> gpus() {
        DeviceChoice device = config.compute().device();
        if (device == DeviceChoice.CPU) {
            return List.of();
        }
        List<String> gpus = visibleGpus(System.getenv());
        if (workers > gpus.size() && (device == DeviceChoice.GPU || !gpus.isEmpty())) {
            throw new IllegalArgumentException("--workers must be at most the number of GPUs, which is " + gpus.size()
                    + ", unless compute.device is cpu, was " + workers);
        }
        return gpus;
    }

    private static List<String> visibleGpus(Map<String, String> environment) {
        String given = environment.get(GPUS);
        if (given != null) {
            return Arrays.stream(given.split(",", -1))
                    .filter(gpu -> !gpu.isBlank() && !gpu.startsWith("-"))
                    .toList();
        }
        String[] found = NVIDIA.toFile().list();
        return IntStream.range(0, found == null ? 0 : found.length)
                .mapToObj(Integer::toString)
                .toList();
    }

    /** The processes of one start. */
    private record Group(WorkerLauncher launcher, List<Process> processes) implements AutoCloseable {

        static Group start(WorkerLauncher launcher, List<String> arguments, List<String> gpus) throws IOException {
            List<String> addresses = addresses(launcher.workers);
            RunFolder folder = new RunFolder(launcher.run);
            int cores = Math.max(1, Runtime.getRuntime().availableProcessors() / launcher.workers);
            List<String> options = new ArrayList<>();
            if (gpus.isEmpty()) {
                options.add("-XX:ActiveProcessorCount=" + cores);
            }
            options.add("-Dcapi.terminal=" + System.getProperty("capi.terminal", "false"));
            Group group = new Group(launcher, new ArrayList<>());
            try {
                for (int k = 0; k < launcher.workers; k++) {
                    ProcessBuilder worker = ChildProcess.prepare(
                            List.of(SETSID.toString()), options, arguments, folder.workerOutput(k));
                    worker.redirectInput(ProcessBuilder.Redirect.PIPE);
                    if (k == 0) {
                        worker.redirectErrorStream(false)
                                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                                .redirectError(ProcessBuilder.Redirect.INHERIT);
                    }
                    worker.environment().put(LAUNCHED, "1");
                    worker.environment().put(Cluster.TF_CONFIG, new Cluster(addresses, k).toTfConfig());
                    if (!gpus.isEmpty()) {
                        worker.environment().put(GPUS, gpus.get(k));
                    }
                    group.processes.add(worker.start());
                }
                return group;
            } catch (IOException | RuntimeException e) {
                group.close();
                throw e;
            }
        }

        /** Waits for all, and returns the status of the run: of several, the one that says most. */
        int await(StopRequest stop) throws IOException {
            boolean forwarded = false;
            int lost = -1;
            long until = Long.MAX_VALUE;
            while (processes.stream().anyMatch(Process::isAlive)) {
                if (stop.requested() && !forwarded) {
                    forwarded = true;
                    if (stop.signal() != INTERRUPT || Files.isExecutable(SETSID)) {
                        processes.get(0).destroy(); // SIGTERM, on which all workers agree
                    }
                }
                if (lost < 0) {
                    lost = lost();
                }
                if (lost >= 0) {
                    processes.forEach(Process::destroyForcibly);
                }
                List<Integer> ended = ended();
                boolean waitsForOthers = ended.contains(WRONG_USE)
                        || (forwarded && !processes.get(0).isAlive());
                if (waitsForOthers && until == Long.MAX_VALUE) {
                    until = System.nanoTime() + TimeUnit.SECONDS.toNanos(GRACE_SECONDS);
                }
                if (System.nanoTime() - until > 0 && until != Long.MAX_VALUE) {
                    processes.forEach(Process::destroyForcibly);
                }
                sleep();
            }
            return status(lost < 0 ? lost() : lost);
        }

        private List<Integer> ended() {
            return processes.stream()
                    .filter(process -> !process.isAlive())
                    .map(Process::exitValue)
                    .toList();
        }

        /** The first worker that ended so that the others cannot continue; -1 for none. */
        private int lost() {
            for (int rank = 0; rank < processes.size(); rank++) {
                Process process = processes.get(rank);
                if (!process.isAlive() && !ORDERLY.contains(process.exitValue())) {
                    return rank;
                }
            }
            return -1;
        }

        /**
         * The status of all.
         *
         * @param lost the worker whose end made the others end; -1 for none
         */
        private int status(int lost) throws IOException {
            List<Integer> all = ended();
            for (int wanted : List.of(WRONG_USE, DIVERGED)) {
                int rank = all.indexOf(wanted);
                if (rank > 0 && all.get(0) != wanted) {
                    log.error("worker {}: {}", rank, lastLine(rank));
                }
                if (rank >= 0) {
                    return wanted;
                }
            }
            if (lost >= 0) {
                int status = all.get(lost);
                if (status == SIGNAL + 9) {
                    log.warn("worker {} was killed", lost);
                    return WorkerLostException.STATUS;
                }
                log.warn("worker {} ended with status {}: {}", lost, status, lastLine(lost));
                return status;
            }
            return all.stream().filter(status -> status != 0).findFirst().orElse(0);
        }

        private String lastLine(int rank) throws IOException {
            return rank == 0 ? "see above" : ChildProcess.lastLine(new RunFolder(launcher.run).workerOutput(rank));
        }

        @Override
        public void close() {
            processes.forEach(Process::destroyForcibly);
            boolean interrupted = false;
            for (Process process : processes) {
                try {
                    process.waitFor();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        private static void sleep() {
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while workers train", e);
            }
        }

        /** Loopback addresses with ports that are free now. */
        private static List<String> addresses(int count) throws IOException {
            List<ServerSocket> held = new ArrayList<>();
            List<String> addresses = new ArrayList<>();
            try {
                for (int i = 0; i < count; i++) {
                    ServerSocket socket = new ServerSocket(0);
                    held.add(socket);
                    addresses.add(InetAddress.getLoopbackAddress().getHostAddress() + ":" + socket.getLocalPort());
                }
                return addresses;
            } finally {
                for (ServerSocket socket : held) {
                    socket.close();
                }
            }
        }
    }
}
