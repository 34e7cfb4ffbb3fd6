package org.capi.train.loop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.batch.Batch;
import org.capi.data.batch.BatchSettings;
import org.capi.data.batch.BatchStream;
import org.capi.data.batch.Images;
import org.capi.data.batch.Samples;
import org.capi.data.batch.Samples.Sample;
import org.capi.data.batch.StreamState;
import org.capi.data.image.ImageKernels;
import org.capi.train.loop.TrainingLoop.BestEffort;
import org.capi.train.metrics.StepMetrics;
import org.capi.train.run.RunFolder;

/**
 * The guard against steps whose loss or gradient is not finite: they change nothing, and three in a row end the run.
 */
public final class NonFiniteGuard {

    private static final Logger log = LogManager.getLogger(NonFiniteGuard.class);
    private static final int MAX_FAILED_STEPS = 3;

    private final RunFolder run;
    private final Images images;
    private final BatchSettings settings;
    private final BestEffort writes;
    private final StepDumps dumps;
    private final List<Long> failed = new ArrayList<>();
    private final List<StreamState> positions = new ArrayList<>();

    /** How many steps in a row may give no update; at so many the training ends. */
    static int maxFailedSteps() {
        return MAX_FAILED_STEPS;
    }

    /** Thrown when a training cannot continue because its losses are no longer finite; the message names the steps. */
    public static final class TrainingDivergedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        public TrainingDivergedException(String message) {
            super(message);
        }
    }

    NonFiniteGuard(RunFolder run, Images images, BatchSettings settings, BestEffort writes) {
        this.run = run;
        this.images = images;
        this.settings = settings;
        this.writes = writes;
        this.dumps = new StepDumps(run.faults());
    }

    /**
     * Checks a step.
     *
     * @param after the position of the samples after its batch
     */
    void check(StepMetrics now, Batch batch, StreamState after, StepSession session) {
        if (now.updated()) {
            if (!failed.isEmpty()) {
                failed.clear();
                positions.clear();
                writes.tryWrite("the removal of captured batches", dumps::delete);
            }
            return;
        }
        failed.add(now.step());
        positions.add(after);
        log.warn(
                "step {} was skipped: student loss {}, its gradient norm {}{}",
                now.step(),
                now.studentLoss(),
                now.gradientNorm(),
                now.clusteringLoss() == null
                        ? ""
                        : ", clustering loss " + now.clusteringLoss() + ", its gradient norm "
                                + now.clusteringGradientNorm());
        boolean kept = writes.tryWrite("the batch of a skipped step", () -> writeBatch(now.step(), batch, after));
        if (failed.size() == MAX_FAILED_STEPS) {
            kept &= writes.tryWrite("the state of the skipped steps", () -> dumps.writeState(session::save));
            kept &= writes.tryWrite("the names of the skipped images", this::writeRows);
            throw new TrainingDivergedException("training diverged: steps " + failed + " gave losses or gradients that"
                    + " are not finite; start again with a lower optim.learning_rate, the last checkpoint is kept"
                    + (kept
                            ? "; " + dumps.folder() + " has the batches; ./capi resume --run " + run.path()
                                    + " --replay " + now.step() + " repeats the last"
                            : ""));
        }
    }

    /** The whole batch, of which one of several workers has a part. */
    private void writeBatch(long step, Batch batch, StreamState after) throws IOException {
        if (batch.images().shape().get(0) == settings.batchSize()) {
            dumps.writeBatch(step, batch);
            return;
        }
        long first = after.samples() - settings.batchSize();
        var start = StreamState.start(after.seed(), after.rows()).after(first);
        try (BatchStream again = BatchStream.open(images, settings, start, step - 1);
                Batch whole = again.next()) {
            dumps.writeBatch(step, whole);
        }
    }

    private void writeRows() throws IOException {
        try (ImageKernels kernels = new ImageKernels()) {
            Samples samples = new Samples(images, settings, kernels);
            for (int i = 0; i < failed.size(); i++) {
                long end = positions.get(i).samples();
                List<StepDumps.Row> rows = new ArrayList<>();
                for (long at = end - settings.batchSize(); at < end; at++) {
                    Sample sample = samples.at(at);
                    rows.add(new StepDumps.Row(sample.row(), sample.image().name()));
                }
                dumps.writeRows(failed.get(i), rows);
            }
        }
    }
}
