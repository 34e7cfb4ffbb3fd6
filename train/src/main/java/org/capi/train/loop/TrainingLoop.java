package org.capi.train.loop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.batch.Batch;
import org.capi.data.batch.BatchSettings;
import org.capi.data.batch.BatchStream;
import org.capi.data.batch.Images;
import org.capi.data.batch.StreamState;
import org.capi.graph.optim.Schedule;
import org.capi.graph.pretrain.StepStatistics;
import org.capi.savedmodels.weights.NamedTensors;
import org.capi.train.checkpoint.Checkpoints.Checkpoint;
import org.capi.train.config.PretrainConfig;
import org.capi.train.config.PretrainConfig.Optim;
import org.capi.train.evals.Evaluations;
import org.capi.train.loop.StepSession.SharedStep;
import org.capi.train.loop.StepSession.WorkerStatus;
import org.capi.train.metrics.MetricsFile;
import org.capi.train.metrics.ProgressLine;
import org.capi.train.metrics.StepMetrics;
import org.capi.train.run.RunFolder;
import org.capi.train.watch.RunReporter;
import org.capi.train.workers.Cluster;
import org.jspecify.annotations.Nullable;

/** The pretraining loop: next batch, one run of the step graph, metrics; checkpoints and evaluations in between. */
public record TrainingLoop(
        PretrainConfig config,
        Images images,
        RunFolder folder,
        RunReporter reporter,
        Evaluations evals,
        StopRequest stop) {

    private static final Logger log = LogManager.getLogger(TrainingLoop.class);

    /** After so many steps of a process there is a first estimate of the time that is left. */
    private static final int FIRST_ESTIMATE = 20;

    private static final double MAX_SECONDS_WITHOUT_A_LINE = 60;

    /**
     * How a run ended.
     *
     * @param step the steps made
     * @param seconds that this process trained
     * @param dataWaitShare the share of them that was spent waiting for batches, the first step left out
     * @param stoppedBy the signal that ended it before its last step, 0 for none
     */
    public record Outcome(long step, double seconds, double dataWaitShare, int stoppedBy) {

        public boolean stopped() {
            return stoppedBy != 0;
        }
    }

    /**
     * Starts with a checkpoint of the untrained model and trains to the last step.
     *
     * @param weights the first weights of the backbones of student and teacher; null for random ones
     * @param frozen those of a frozen teacher; null where there is none
     */
    public Outcome start(
            StepSession session, MetricsFile metrics, @Nullable NamedTensors weights, @Nullable NamedTensors frozen)
            throws IOException {
        session.initialize(weights, frozen);
        session.agreeOnVariables();
        StreamState start = StreamState.start(config.seed(), images.size());
        PretrainRun.checkpoints(folder, config).save(0, start, prefix -> write(session, prefix), Set.of());
        return run(session, metrics, 0, start);
    }

    /** Continues from a checkpoint, with the batches that would have followed it. */
    public Outcome resume(StepSession session, MetricsFile metrics, Checkpoint from) throws IOException {
        session.restore(from.prefix());
        session.agreeOnVariables();
        return run(session, metrics, from.step(), from.stream());
    }

    private Outcome run(StepSession session, MetricsFile metrics, long first, StreamState start) throws IOException {
        long total = config.optim().totalSteps();
        int batchSize = config.optim().batchSize();
        Rates rates = Rates.of(config.optim());
        ProgressLine progress = new ProgressLine(total, batchSize);
        BestEffort writes = new BestEffort();
        Cluster cluster = session.cluster();
        NonFiniteGuard guard = new NonFiniteGuard(folder, images, config.batches(), writes);
        long saved = first;
        long started = System.nanoTime();
        Interval sinceSave = new Interval(config.checkpoint().minutes() * 60);
        Interval sinceLine = new Interval(MAX_SECONDS_WITHOUT_A_LINE);
        double seconds = 0;
        double waited = 0;
        long step = first;
        WorkerWaits waits = new WorkerWaits(cluster.workers());
        Ending ending = new Ending(cluster, stop);
        BatchSettings settings = config.batches(cluster.rank(), cluster.workers());
        try (BatchStream batches = BatchStream.open(images, settings, start, first)) {
            while (step < total && ending.signal() == 0) {
                long before = System.nanoTime();
                try (Batch batch = next(batches, session, step, saved, ending, writes)) {
                    double own = (System.nanoTime() - before) / 1e9;
                    double[] scheduled = rates.at(step);
                    SharedStep made = session.step(batch, scheduled, new WorkerStatus(stop.signal(), own));
                    StepStatistics measured = made.measured();
                    ending.after(made);
                    double wait = waits.add(made.statuses());
                    step++;
                    double took = (System.nanoTime() - before) / 1e9;
                    StepMetrics now = metrics(config, step, measured, scheduled);
                    StepMetrics.Times times = StepMetrics.Times.now(took, wait, batchSize);
                    MetricsFile.Line line = reporter.line(now, times);
                    writes.tryWrite("metrics.jsonl", () -> metrics.append(line));
                    writes.tryWrite(
                            "the report", () -> reporter.report(line, evals.results(), session::prototypeShares));
                    progress.add(times);
                    if (step > first + 1) {
                        seconds += took;
                        waited += wait;
                    }
                    if (step % config.metrics().every() == 0
                            || step == total
                            || step == first + FIRST_ESTIMATE
                            || sinceLine.isOver()) {
                        log.info(progress.take(now));
                        waits.logSlowest();
                        sinceLine.restart();
                    }
                    guard.check(now, batch, batches.state(), session);
                }
                if (step % config.checkpoint().every() == 0
                        || evals.wants(step)
                        || step == total
                        || sinceSave.isOver()) {
                    saved = save(session, step, batches.state(), ending, writes) ? step : saved;
                    sinceSave.restart(); // also where it failed: the disk may still be full at the next step
                }
            }
            if (saved < step) { // stopped, or the disk was full
                saved = save(session, step, batches.state(), ending, writes) ? step : saved;
            }
        } finally {
            writes.tryWrite("the report", () -> reporter.writePage(evals.results()));
        }
        if (saved < step) {
            throw new IOException("the checkpoint of the last step, " + step + ", could not be written; the newest in "
                    + folder.checkpoints() + " is of step " + saved + ": free some disk space and continue with ./capi"
                    + " resume --run " + folder.path());
        }
        if (!cluster.isAlone()) {
            log.debug("the weights after step {} have the checksum {}", step, session.checksum());
        }
        if (step == total) {
            evals.await();
            writes.tryWrite("the report", () -> reporter.writePage(evals.results()));
        }
        return new Outcome(
                step,
                (System.nanoTime() - started) / 1e9,
                seconds > 0 ? waited / seconds : 0,
                step < total ? ending.signal() : 0);
    }

    /** When a run ends before its last step. A process alone may stop before any step; workers agree in a step. */
    static final class Ending {

        private final Cluster cluster;
        private final StopRequest stop;
        private int agreed;

        Ending(Cluster cluster, StopRequest stop) {
            this.cluster = cluster;
            this.stop = stop;
        }

        void after(SharedStep made) {
            agreed = made.signal();
        }

        /** The signal that ends it; 0 for none. */
        int signal() {
            return cluster.isAlone() ? stop.signal() : agreed;
        }
    }

    /** How long the workers waited for their batches since the last line on the console. */
    private static final class WorkerWaits {

        private static final double MUCH_LONGER = 1.2;
        private static final double MIN_SHARE = 0.05;

        private final double[] seconds;
        private long started = System.nanoTime();

        WorkerWaits(int workers) {
            seconds = new double[workers];
        }

        /** Returns the longest wait of the step: the others wait for that worker. */
        double add(List<WorkerStatus> statuses) {
            double longest = 0;
            for (int k = 0; k < seconds.length; k++) {
                double waited = statuses.get(k).waitedSeconds();
                seconds[k] += waited;
                longest = Math.max(longest, waited);
            }
            return longest;
        }

        void logSlowest() {
            int slowest = 0;
            for (int k = 1; k < seconds.length; k++) {
                slowest = seconds[k] > seconds[slowest] ? k : slowest;
            }
            double[] sorted = seconds.clone();
            Arrays.sort(sorted);
            double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
            double most = seconds[slowest];
            double passed = (System.nanoTime() - started) / 1e9;
            if (most > MUCH_LONGER * median && most > MIN_SHARE * passed) {
                log.info(
                        "worker {} waited {} s for its images, the median of the {} workers is {} s",
                        slowest,
                        String.format(Locale.ROOT, "%.1f", most),
                        seconds.length,
                        String.format(Locale.ROOT, "%.1f", median));
            }
            Arrays.fill(seconds, 0);
            started = System.nanoTime();
        }
    }

    /** The next batch; where the images can no longer be read, the steps so far are saved first. */
    private Batch next(
            BatchStream batches, StepSession session, long step, long saved, Ending ending, BestEffort writes) {
        try {
            return batches.next();
        } catch (IllegalStateException e) {
            if (saved < step) {
                save(session, step, batches.state(), ending, writes);
            }
            throw e;
        }
    }

    private boolean save(StepSession session, long step, StreamState stream, Ending ending, BestEffort writes) {
        boolean saved = writes.tryWrite("a checkpoint", () -> {
            Checkpoint checkpoint = PretrainRun.checkpoints(folder, config)
                    .save(step, stream, prefix -> write(session, prefix), evals.steps());
            log.info("saved the checkpoint {}", checkpoint.folder());
        });
        if (saved && ending.signal() == 0) {
            evals.due(step);
        } else if (!saved) {
            evals.skip(step);
        }
        return saved;
    }

    private void write(StepSession session, Path prefix) {
        session.save(prefix);
        try {
            Files.writeString(prefix.resolveSibling(Checkpoint.CONFIG), config.toYaml());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static StepMetrics metrics(PretrainConfig config, long step, StepStatistics measured, double[] rates) {
        boolean clusters = config.capi().objective().clusters();
        boolean assigns = config.capi().objective().assigns();
        return new StepMetrics(
                step,
                measured.studentLoss(),
                clusters ? measured.clusteringLoss() : null,
                assigns ? measured.targetEntropy() : null,
                rates[0],
                clusters ? rates[1] : null,
                rates[4],
                measured.gradientNorm(),
                clusters ? measured.clusteringGradientNorm() : null,
                measured.updateRatio(),
                assigns ? measured.prototypeUse() : null,
                assigns ? measured.positionalCollapse() : null,
                measured.updated());
    }

    public record Rates(Schedule learningRate, Schedule clusteringLearningRate, Schedule momentum, Optim optim) {

        public static Rates of(Optim optim) {
            return new Rates(
                    schedule(optim, optim.learningRateStart(), optim.learningRate(), optim.learningRateFinal()),
                    schedule(
                            optim,
                            optim.clusteringLearningRateStart(),
                            optim.clusteringLearningRate(),
                            optim.clusteringLearningRateFinal()),
                    schedule(optim, optim.momentumStart(), optim.momentum(), optim.momentumFinal()),
                    optim);
        }

        private static Schedule schedule(Optim optim, double start, double base, double end) {
            return Schedule.of(start, base, end, optim.warmupSteps(), optim.cosineTruncation(), optim.totalSteps());
        }

        /** In the order of {@link org.capi.graph.pretrain.StepInputs#rates()}. */
        public double[] at(long step) {
            return new double[] {
                learningRate.at(step),
                clusteringLearningRate.at(step),
                optim.weightDecay(),
                optim.clusteringWeightDecay(),
                momentum.at(step)
            };
        }
    }

    /** A time on the clock that starts again and again; one of 0 seconds is never over. */
    private static final class Interval {

        private final double seconds;
        private long started = System.nanoTime();

        Interval(double seconds) {
            this.seconds = seconds;
        }

        boolean isOver() {
            return seconds > 0 && (System.nanoTime() - started) / 1e9 >= seconds;
        }

        void restart() {
            started = System.nanoTime();
        }
    }

    /** Writes whose failure a run survives; the first failure of a kind is logged, and the first success after it. */
    static final class BestEffort {

        private final Set<String> failing = new HashSet<>();

        interface Write {
            void run() throws IOException;
        }

        /**
         * Returns whether it succeeded.
         *
         * @param kind what is written, such as {@code a checkpoint}
         */
        boolean tryWrite(String kind, Write write) {
            try {
                write.run();
            } catch (IOException | RuntimeException e) { // TensorFlow reports a full disk by several of its own
                if (failing.add(kind)) {
                    String reason = e.getClass().getSimpleName() + ": " + e.getMessage();
                    log.warn("{} could not be written; the run continues: {}", kind, reason.split("\n", 2)[0]);
                    log.debug("{} could not be written", kind, e);
                }
                return false;
            }
            if (failing.remove(kind)) {
                log.info("{} could be written again", kind);
            }
            return true;
        }
    }
}
