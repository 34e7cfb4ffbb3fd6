package org.capi.train.loop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.batch.Batch;
import org.capi.data.batch.BatchSettings;
import org.capi.data.batch.Images;
import org.capi.data.batch.Sample;
import org.capi.data.batch.Samples;
import org.capi.data.batch.StreamState;
import org.capi.data.image.ImageKernels;
import org.capi.train.fault.Faults;
import org.capi.train.metrics.StepMetrics;
import org.capi.train.run.RunFolder;

/** The watch over steps whose loss or gradient is not finite: they change nothing, and several in a row end the run. */
final class Divergence {

    private static final Logger log = LogManager.getLogger(Divergence.class);
    private static final int MOST_FAILED_STEPS = 3;

    private final RunFolder run;
    private final Images images;
    private final BatchSettings settings;
    private final Writes writes;
    private final Faults faults;
    private final List<Long> failed = new ArrayList<>();
    private final List<StreamState> places = new ArrayList<>();

    Divergence(RunFolder run, Images images, BatchSettings settings, Writes writes) {
        this.run = run;
        this.images = images;
        this.settings = settings;
        this.writes = writes;
        this.faults = new Faults(run.faults());
    }

    /**
     * Looks at a step.
     *
     * @param after where the stream of samples stands after its batch
     */
    void see(StepMetrics now, Batch batch, StreamState after, StepSession session) {
        if (now.updated()) {
            if (!failed.isEmpty()) {
                failed.clear();
                places.clear();
                writes.attempt("the removal of captured batches", faults::forget);
            }
            return;
        }
        failed.add(now.step());
        places.add(after);
        log.warn(
                "step {} was skipped: student loss {}, its gradient norm {}{}",
                now.step(),
                now.studentLoss(),
                now.gradientNorm(),
                now.clusteringLoss() == null
                        ? ""
                        : ", clustering loss " + now.clusteringLoss() + ", its gradient norm "
                                + now.clusteringGradientNorm());
        boolean kept = writes.attempt("the batch of a skipped step", () -> faults.keep(now.step(), batch));
        if (failed.size() == MOST_FAILED_STEPS) {
            kept &= writes.attempt("the state of the skipped steps", () -> faults.keepState(session::save));
            kept &= writes.attempt("the names of the skipped images", this::name);
            throw new TrainingDivergedException("training diverged: steps " + failed + " gave losses or gradients that"
                    + " are not finite; start again with a lower optim.learning_rate, the last checkpoint is kept"
                    + (kept
                            ? "; " + faults.folder() + " has the batches, capi resume --run " + run.path()
                                    + " --replay " + now.step() + " repeats the last"
                            : ""));
        }
    }

    private void name() throws IOException {
        try (ImageKernels kernels = new ImageKernels()) {
            Samples samples = new Samples(images, settings, kernels);
            for (int i = 0; i < failed.size(); i++) {
                long end = places.get(i).samples();
                List<Faults.Row> rows = new ArrayList<>();
                for (long at = end - settings.batchSize(); at < end; at++) {
                    Sample sample = samples.at(at);
                    rows.add(new Faults.Row(sample.row(), sample.image().name()));
                }
                faults.name(failed.get(i), rows);
            }
        }
    }
}
