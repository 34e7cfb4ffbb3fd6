package org.capi.train.loop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.batch.Batch;
import org.capi.data.batch.BatchSettings;
import org.capi.data.batch.BatchStream;
import org.capi.data.batch.Images;
import org.capi.data.batch.StreamState;
import org.capi.graph.pretrain.Metrics;
import org.capi.savedmodels.weights.NamedTensors;
import org.capi.train.checkpoint.Checkpoint;
import org.capi.train.checkpoint.Checkpoints;
import org.capi.train.config.PretrainConfig;
import org.capi.train.evals.Evaluations;
import org.capi.train.metrics.MetricsFile;
import org.capi.train.metrics.MetricsLine;
import org.capi.train.metrics.ProcessMemory;
import org.capi.train.metrics.ProgressLine;
import org.capi.train.metrics.StepMetrics;
import org.capi.train.metrics.StepTimes;
import org.capi.train.run.RunFolder;
import org.capi.train.watch.Watch;
import org.jspecify.annotations.Nullable;

/**
 * The pretraining loop: next batch, one run of the step graph, metrics; checkpoints in between.
 *
 * @param folder of the run
 * @param watch shown every step
 * @param evals told of every checkpoint
 * @param stop asked before every step
 */
public record Pretraining(
        PretrainConfig config, Images images, RunFolder folder, Watch watch, Evaluations evals, StopRequest stop) {

    private static final Logger log = LogManager.getLogger(Pretraining.class);

    /**
     * How a run ended.
     *
     * @param step the steps made
     * @param seconds that this process trained
     * @param dataWaitShare the share of them that was spent waiting for batches, the first step left out
     * @param stoppedBy the signal that ended it before its last step, 0 for none
     */
    public record Outcome(long step, double seconds, double dataWaitShare, int stoppedBy) {

        /** Whether it was asked to stop before its last step. */
        public boolean stopped() {
            return stoppedBy != 0;
        }
    }

    /**
     * Begins with a checkpoint of the untrained model and trains to the last step.
     *
     * @param weights the first weights of the backbones of student and teacher; null for random ones
     * @param frozen those of a teacher that never changes; null where there is none
     */
    public Outcome start(
            StepSession session, MetricsFile metrics, @Nullable NamedTensors weights, @Nullable NamedTensors frozen)
            throws IOException {
        session.initialize(weights, frozen);
        StreamState beginning = StreamState.start(config.seed(), images.size());
        checkpoints().save(0, beginning, prefix -> write(session, prefix));
        return run(session, metrics, 0, beginning);
    }

    /** Goes on from a checkpoint, with the batches that would have followed it. */
    public Outcome resume(StepSession session, MetricsFile metrics, Checkpoint from) throws IOException {
        session.restore(from.prefix());
        return run(session, metrics, from.step(), from.stream());
    }

    private Outcome run(StepSession session, MetricsFile metrics, long first, StreamState start) throws IOException {
        long total = config.optim().totalSteps();
        Rates rates = Rates.of(config.optim());
        ProgressLine line = new ProgressLine(total, config.optim().batchSize());
        Writes writes = new Writes();
        BatchSettings settings = new Recipe(config).batches();
        var divergence = new Divergence(folder, images, settings, writes);
        long saved = first;
        long started = System.nanoTime();
        double seconds = 0;
        double waited = 0;
        long step = first;
        try (BatchStream batches = BatchStream.open(images, settings, start, first)) {
            while (step < total && !stop.requested()) {
                long before = System.nanoTime();
                try (Batch batch = next(batches, session, step, saved, writes)) {
                    double wait = (System.nanoTime() - before) / 1e9;
                    double[] values = rates.at(step);
                    Metrics measured = session.step(batch, values);
                    step++;
                    double took = (System.nanoTime() - before) / 1e9;
                    StepMetrics now = metrics(config, step, measured, values);
                    ProcessMemory memory = ProcessMemory.now();
                    StepTimes times = new StepTimes(
                            System.currentTimeMillis(),
                            took,
                            wait,
                            config.optim().batchSize() / took,
                            memory.residentBytes(),
                            memory.heapBytes());
                    MetricsLine entry = watch.line(now, times);
                    writes.attempt("metrics.jsonl", () -> metrics.append(entry));
                    writes.attempt("the report", () -> watch.see(entry, evals.results(), session::prototypeShares));
                    line.add(times);
                    if (step > first + 1) {
                        seconds += took;
                        waited += wait;
                    }
                    if (step % config.metrics().every() == 0 || step == total) {
                        log.info(line.take(now));
                    }
                    divergence.see(now, batch, batches.state(), session);
                }
                if (step % config.checkpoint().every() == 0 || evals.wants(step) || step == total) {
                    saved = save(session, step, batches.state(), writes) ? step : saved;
                }
            }
            if (saved < step) { // stopped, or the disk was full
                saved = save(session, step, batches.state(), writes) ? step : saved;
            }
        } finally {
            writes.attempt("the report", () -> watch.page(evals.results()));
        }
        if (saved < step) {
            throw new IOException("the checkpoint of the last step, " + step + ", could not be written; the newest in "
                    + folder.checkpoints() + " is of step " + saved + ": make room and go on with capi resume --run "
                    + folder.path());
        }
        if (step == total) {
            evals.await();
            writes.attempt("the report", () -> watch.page(evals.results()));
        }
        return new Outcome(
                step,
                (System.nanoTime() - started) / 1e9,
                seconds > 0 ? waited / seconds : 0,
                step < total ? stop.signal() : 0);
    }

    /** The next batch; where there is none, because the images can no longer be read, the steps so far are saved first. */
    private Batch next(BatchStream batches, StepSession session, long step, long saved, Writes writes) {
        try {
            return batches.next();
        } catch (IllegalStateException e) {
            if (saved < step) {
                save(session, step, batches.state(), writes);
            }
            throw e;
        }
    }

    private boolean save(StepSession session, long step, StreamState stream, Writes writes) {
        boolean saved = writes.attempt(
                "a checkpoint",
                () -> log.info(
                        "checkpoint {}",
                        checkpoints()
                                .save(step, stream, prefix -> write(session, prefix), evals.steps())
                                .folder()));
        if (saved && !stop.requested()) {
            evals.due(step);
        } else if (!saved) {
            evals.leaveOut(step);
        }
        return saved;
    }

    private Checkpoints checkpoints() {
        return PretrainRun.checkpoints(folder, config);
    }

    private void write(StepSession session, Path prefix) {
        session.save(prefix);
        try {
            Files.writeString(prefix.resolveSibling(Checkpoint.CONFIG), config.toYaml());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static StepMetrics metrics(PretrainConfig config, long step, Metrics measured, double[] rates) {
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
}
