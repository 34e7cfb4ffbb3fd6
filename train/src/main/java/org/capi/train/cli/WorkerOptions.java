package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.Require;
import org.capi.train.config.PretrainConfig;
import org.capi.train.workers.Cluster;
import org.capi.train.workers.WorkerLauncher;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** With which other processes a command trains. */
final class WorkerOptions {

    private static final String WORKERS = "--workers";
    private static final String RESTARTS = "--max-restarts";
    private static final int DEFAULT_RESTARTS = 3;

    @Option(
            names = WORKERS,
            paramLabel = "N",
            description =
                    "Train with N processes on this machine: one for each GPU, or each with its share of the cores.")
    private @Nullable Integer workers;

    @Option(
            names = RESTARTS,
            paramLabel = "N",
            description =
                    "With --workers: how often all of them are started again, from the newest checkpoint, when one"
                            + " is lost. Default: " + DEFAULT_RESTARTS + ".")
    private @Nullable Integer restarts;

    @Option(
            names = "--cluster",
            paramLabel = "HOST:PORT,...",
            description = "The addresses of all workers, for workers on several machines. Without it, TF_CONFIG and the"
                    + " variables of srun are used where they are set.")
    private @Nullable String addresses;

    @Option(
            names = "--worker",
            paramLabel = "K",
            description = "With --cluster: which of its addresses is this process, counted from 0.")
    private @Nullable Integer worker;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /** The words of the command line. */
    List<String> arguments() {
        return command == null
                ? List.of()
                : command.root().commandLine().getParseResult().originalArgs();
    }

    /** Whether this process starts the workers, and is none itself. */
    boolean launches() {
        return workers != null && workers != 1;
    }

    /** The workers of which this process is one; refuses options that exclude each other. */
    Cluster cluster() {
        if (workers == null && restarts != null) {
            throw new IllegalArgumentException(RESTARTS + " is for --workers N, was " + restarts);
        }
        if (restarts != null && restarts < 0) {
            throw new IllegalArgumentException(RESTARTS + " must be at least 0, was " + restarts);
        }
        if (workers == null) {
            Cluster cluster = Cluster.find(addresses, worker, System.getenv());
            WorkerLauncher.endWithLauncher();
            return cluster;
        }
        Require.atLeastOne(WORKERS, workers);
        if (addresses != null || worker != null) {
            throw new IllegalArgumentException(
                    "--workers and --cluster exclude each other: --workers starts processes on this machine only");
        }
        for (String variable : List.of(Cluster.TF_CONFIG, Cluster.SLURM_TASKS)) {
            if (System.getenv(variable) != null) {
                throw new IllegalArgumentException("--workers must not be given where " + variable
                        + " is set, which makes this process one of several workers, was " + workers);
            }
        }
        return Cluster.ALONE;
    }

    /** Starts the workers, waits for their end, and returns the exit status. */
    int launch(Path run, PretrainConfig config) throws IOException {
        return new WorkerLauncher(
                        run, workers == null ? 1 : workers, restarts == null ? DEFAULT_RESTARTS : restarts, config)
                .launch(ofOneWorker());
    }

    /** The arguments of one worker. */
    private List<String> ofOneWorker() {
        List<String> arguments = arguments();
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals(WORKERS) || argument.equals(RESTARTS)) {
                i++;
            } else if (!argument.startsWith(WORKERS + "=") && !argument.startsWith(RESTARTS + "=")) {
                kept.add(argument);
            }
        }
        return kept;
    }
}
