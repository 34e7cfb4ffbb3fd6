package org.capi.train.ablate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.capi.data.Progress;
import org.capi.data.files.DurableFile;
import org.capi.train.ablate.AblationRun.Outcome;
import org.capi.train.ablate.AblationRun.RunFailure;
import org.capi.train.ablate.AblationRun.State;
import org.capi.train.child.ChildProcess;
import org.capi.train.loop.StopRequest;

/**
 * Trains and evaluates every variant of a plan, one after the other, and fills the tables after each.
 *
 * @param progress the steps of all runs together
 * @param say gets a line at the start and at the end of each run
 */
public record Ablation(Plan plan, AblationFolder folder, Launcher launcher, Progress progress, Consumer<String> say) {

    /**
     * The result of all runs.
     *
     * @param failures a phrase for each run that failed
     * @param stoppedBy the number of the signal that ended it early; 0 for none
     */
    public record Result(List<AblationTable> tables, List<String> failures, int stoppedBy) {}

    public interface Launcher {

        /**
         * Runs one to its end.
         *
         * @param arguments such as {@code pretrain} and its options
         * @param output all that the command prints is added to this file
         * @param meanwhile called now and then while it runs
         * @return the exit status
         */
        int run(List<String> arguments, Path output, Runnable meanwhile) throws IOException, InterruptedException;

        /** The number of the signal that requested the stop, after which no more commands are started; 0 for none. */
        int stoppedBy();
    }

    private static final class CommandFailedException extends Exception {

        private static final long serialVersionUID = 1L;

        private final RunFailure failure;

        CommandFailedException(int status, String reason) {
            super(reason);
            failure = new RunFailure(status, reason);
        }
    }

    /** Does what is not done yet; a run that fails does not stop the others. */
    public Result run() throws IOException, InterruptedException {
        List<AblationRun> runs = plan.runs();
        long total = runs.stream().mapToLong(AblationRun::steps).sum();
        long done = 0;
        for (AblationRun run : runs) {
            done += stepsDone(run);
        }
        progress.from(done, total);
        for (int i = 0; i < runs.size() && launcher.stoppedBy() == 0; i++) {
            AblationRun run = runs.get(i);
            long before = stepsDone(run);
            long others = done - before;
            Outcome outcome = run.outcome();
            if (!outcome.finished() && outcome.state() != State.DIVERGED) {
                say.accept(i + 1 + " of " + runs.size() + ": " + run.label()
                        + (before > 0 ? ", continuing after step " + before : ""));
                work(run, () -> progress.at(others + Math.min(run.steps(), Math.max(before, run.lastStep())), total));
                outcome = run.outcome();
                if (outcome.failed()) {
                    say.accept(run.label() + " " + outcome.state() + ": " + outcome.reason());
                } else if (outcome.finished()) {
                    List<String> found = new ArrayList<>();
                    outcome.measures()
                            .forEach((name, value) -> found.add(name + " " + AblationTable.percent(value) + " %"));
                    say.accept(run.label() + ": " + String.join(", ", found));
                }
                AblationReport.write(AblationTable.of(plan), folder);
            }
            done = others + (launcher.stoppedBy() == 0 ? run.steps() : before);
        }
        List<AblationTable> tables = AblationTable.of(plan);
        AblationReport.write(tables, folder);
        List<String> failures = new ArrayList<>();
        for (AblationRun run : runs) {
            Outcome outcome = run.outcome();
            if (outcome.failed()) {
                failures.add(run.label() + " (" + outcome.reason() + ")");
            }
        }
        return new Result(tables, failures, launcher.stoppedBy());
    }

    private static long stepsDone(AblationRun run) throws IOException {
        return Math.min(run.steps(), Math.max(0, run.newestStep()));
    }

    /** Works until the run has its result, has failed, or a signal came; a failure is written down. */
    private void work(AblationRun run, Runnable meanwhile) throws IOException, InterruptedException {
        run.forgetFailure();
        try {
            if (!run.trained()) {
                train(run, meanwhile);
            }
            evaluate(run, meanwhile);
        } catch (CommandFailedException e) {
            if (launcher.stoppedBy() == 0) {
                run.fail(e.failure);
            }
        }
    }

    private void train(AblationRun run, Runnable meanwhile)
            throws IOException, InterruptedException, CommandFailedException {
        Path path = run.files().path();
        if (run.newestStep() >= 0) {
            launch(List.of("resume", "--run=" + path, "--data=" + run.data()), run.log(), meanwhile);
        } else {
            DurableFile.deleteTree(path); // it was killed before its first checkpoint
            String config = "--config=" + run.configFile();
            List<String> pretrain =
                    List.of("pretrain", "--data=" + run.data(), "--run=" + path, config, "seed=" + run.seed());
            launch(pretrain, run.log(), meanwhile);
        }
        if (!run.trained()) {
            throw new CommandFailedException(
                    0, "the training ended at step " + run.newestStep() + " of " + run.steps());
        }
    }

    private void evaluate(AblationRun run, Runnable meanwhile)
            throws IOException, InterruptedException, CommandFailedException {
        boolean exported = false;
        for (AblationMetric metric : run.metrics()) {
            if (run.measured(metric).isPresent()) {
                continue;
            }
            if (!exported) {
                DurableFile.deleteTree(run.model()); // it may be torn
                launch(List.of("export", "--run=" + run.files().path(), "--to=" + run.model()), run.log(), meanwhile);
                exported = true;
            }
            Path out = run.evaluation(metric);
            run.dropOtherwiseDefined(metric);
            Path output = Files.createDirectories(out).resolve("output.txt");
            Files.deleteIfExists(output);
            launch(metric.command(run.model(), out), output, meanwhile);
            try {
                run.keep(metric, ChildProcess.lastLine(output));
            } catch (IOException | IllegalArgumentException e) {
                throw new CommandFailedException(
                        0, "the evaluation " + metric.name() + " gave no result: " + e.getMessage());
            }
        }
    }

    private void launch(List<String> arguments, Path output, Runnable meanwhile)
            throws IOException, InterruptedException, CommandFailedException {
        int status = launcher.run(arguments, output, meanwhile);
        if (status != 0 || launcher.stoppedBy() != 0) {
            String last = ChildProcess.lastLine(output).replaceFirst("^capi: ", "");
            throw new CommandFailedException(
                    status, arguments.get(0) + " ended with status " + status + (last.isEmpty() ? "" : ": " + last));
        }
    }

    /**
     * Runs each command in a process of its own, which gets the signal to stop when this one does.
     *
     * <p>A process gets a session of its own where {@code setsid} is installed: Ctrl-C in a terminal would otherwise
     * reach it as well as the request from here, and a training takes a second signal as an order to leave without its
     * checkpoint. Where it is not installed, as on macOS, SIGINT is taken for Ctrl-C and not passed on. Each carries a mark among its options for java, by which one that outlived its parent is found.
     */
    public static final class ChildLauncher implements Launcher {

        private static final List<String> SESSION = List.of("/usr/bin/setsid");
        private static final Path PROCESSES = Path.of("/proc");
        private static final int INTERRUPT = 2; // on every system
        private static final Duration POLL = Duration.ofMillis(200);
        /** The checkpoint of a large model may take as long. */
        private static final Duration PATIENCE = Duration.ofMinutes(10);

        private final StopRequest stop;
        private final String mark;

        /**
         * For one folder.
         *
         * @param ablation which this process holds
         */
        public ChildLauncher(Path ablation, StopRequest stop) {
            this.stop = stop;
            this.mark = "-Dcapi.ablation=" + ablation.toAbsolutePath().normalize();
        }

        @Override
        public int stoppedBy() {
            return stop.signal();
        }

        @Override
        public int run(List<String> arguments, Path output, Runnable meanwhile)
                throws IOException, InterruptedException {
            Process process = ChildProcess.prepare(SESSION, List.of(mark), arguments, output)
                    .start();
            boolean ownSession = Files.isExecutable(Path.of(SESSION.get(0)));
            boolean destroyed = false;
            while (!process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                if (!destroyed && passesOn(stop.signal(), ownSession)) {
                    process.destroy();
                    destroyed = true;
                }
                meanwhile.run();
            }
            return process.exitValue();
        }

        /** Whether a signal, 0 for none, is for the process too and has not reached it yet. */
        static boolean passesOn(int signal, boolean ownSession) {
            return signal != 0 && (ownSession || signal != INTERRUPT);
        }

        /**
         * Stops the processes that an earlier call left running when it was killed, and waits for their checkpoints.
         */
        public void endOrphans(Consumer<String> say) throws InterruptedException {
            List<ProcessHandle> orphans;
            try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
                orphans = all.filter(process -> words(process, PROCESSES).contains(mark))
                        .toList();
            }
            for (ProcessHandle orphan : orphans) {
                String name = "process " + orphan.pid() + ", which an earlier command left behind";
                say.accept("stopping " + name);
                orphan.destroy();
                long until = System.nanoTime() + PATIENCE.toNanos();
                while (orphan.isAlive()) {
                    if (System.nanoTime() > until) {
                        throw new IllegalStateException(name + ", does not end; end it with: kill -9 " + orphan.pid());
                    }
                    Thread.sleep(POLL.toMillis());
                }
            }
        }

        /**
         * The whole command line of a process; on Linux {@link ProcessHandle.Info} cuts one with a long class path.
         *
         * @param processes the folder {@code /proc}, whether it exists or not
         */
        static List<String> words(ProcessHandle process, Path processes) {
            Path words = processes.resolve(process.pid() + "/cmdline");
            if (!Files.exists(words)) {
                return process.info().arguments().map(List::of).orElse(List.of());
            }
            try {
                return List.of(new String(Files.readAllBytes(words), StandardCharsets.UTF_8).split("\0"));
            } catch (IOException e) {
                return List.of(); // it ended, or belongs to another user
            }
        }
    }
}
