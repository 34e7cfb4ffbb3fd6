package org.capi.train.loop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.batch.Batch;
import org.capi.data.batch.BatchStream;
import org.capi.data.batch.Images;
import org.capi.data.batch.StreamState;
import org.capi.graph.pretrain.Metrics;
import org.capi.train.checkpoint.Checkpoint;
import org.capi.train.checkpoint.Checkpoints;
import org.capi.train.config.PretrainConfig;
import org.capi.train.metrics.MetricsFile;
import org.capi.train.metrics.ProgressLine;
import org.capi.train.metrics.StepMetrics;
import org.capi.train.metrics.StepTimes;

/**
 * The pretraining loop: next batch, one run of the step graph, metrics; checkpoints in between.
 *
 * @param checkpoints where the run's checkpoints are kept
 * @param stop asked before every step
 */
public record Pretraining(PretrainConfig config, Images images, Checkpoints checkpoints, StopRequest stop) {

    private static final Logger log = LogManager.getLogger(Pretraining.class);
    private static final int MOST_FAILED_STEPS = 3;

    /**
     * How a run ended.
     *
     * @param step the steps made
     * @param seconds that this process trained
     * @param dataWaitShare the share of them that was spent waiting for batches, the first step left out
     * @param stopped whether it was asked to stop before its last step
     */
    public record Outcome(long step, double seconds, double dataWaitShare, boolean stopped) {}

    /** Begins with a checkpoint of the untrained model and trains to the last step. */
    public Outcome start(StepSession session, MetricsFile metrics) throws IOException {
        session.initialize();
        StreamState beginning = StreamState.start(config.seed(), images.size());
        checkpoints.save(0, beginning, session::save);
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
        List<Long> failed = new ArrayList<>();
        long started = System.nanoTime();
        double seconds = 0;
        double waited = 0;
        long step = first;
        try (BatchStream batches = BatchStream.open(images, new Recipe(config).batches(), start, first)) {
            while (step < total && !stop.requested()) {
                long before = System.nanoTime();
                try (Batch batch = batches.next()) {
                    double wait = (System.nanoTime() - before) / 1e9;
                    double[] values = rates.at(step);
                    Metrics measured = session.step(batch, values);
                    step++;
                    double took = (System.nanoTime() - before) / 1e9;
                    StepMetrics now = metrics(step, measured, values);
                    StepTimes times = new StepTimes(System.currentTimeMillis(), took, wait);
                    metrics.append(now, times);
                    line.add(times);
                    if (step > first + 1) {
                        seconds += took;
                        waited += wait;
                    }
                    if (step % config.metrics().every() == 0 || step == total) {
                        log.info(line.take(now));
                    }
                    refuseToDiverge(failed, now);
                }
                if (step % config.checkpoint().every() == 0 || step == total) {
                    save(session, step, batches.state());
                }
            }
            if (step < total && step > first && step % config.checkpoint().every() != 0) {
                save(session, step, batches.state());
            }
        }
        return new Outcome(step, (System.nanoTime() - started) / 1e9, seconds > 0 ? waited / seconds : 0, step < total);
    }

    private void save(StepSession session, long step, StreamState stream) throws IOException {
        log.info("checkpoint {}", checkpoints.save(step, stream, session::save).folder());
    }

    private static StepMetrics metrics(long step, Metrics measured, double[] rates) {
        return new StepMetrics(
                step,
                measured.studentLoss(),
                measured.clusteringLoss(),
                measured.targetEntropy(),
                rates[0],
                rates[1],
                rates[4],
                measured.gradientNorm(),
                measured.clusteringGradientNorm(),
                measured.prototypeUse(),
                measured.positionalCollapse(),
                measured.updated());
    }

    /** A step whose loss or gradient is not finite has changed nothing; several in a row end the run. */
    private static void refuseToDiverge(List<Long> failed, StepMetrics now) {
        if (now.updated()) {
            failed.clear();
            return;
        }
        failed.add(now.step());
        log.warn(
                "step {} was skipped: student loss {}, clustering loss {}, gradient norms {} and {}",
                now.step(),
                now.studentLoss(),
                now.clusteringLoss(),
                now.gradientNorm(),
                now.clusteringGradientNorm());
        if (failed.size() == MOST_FAILED_STEPS) {
            throw new TrainingDivergedException(
                    "training diverged: steps " + failed + " gave losses or gradients that are"
                            + " not finite; start again with a lower optim.learning_rate, the last checkpoint is kept");
        }
    }
}
