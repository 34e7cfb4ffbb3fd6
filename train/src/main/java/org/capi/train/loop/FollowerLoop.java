package org.capi.train.loop;

import java.io.IOException;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.batch.Batch;
import org.capi.data.batch.BatchStream;
import org.capi.data.batch.Images;
import org.capi.data.batch.StreamState;
import org.capi.savedmodels.weights.NamedTensors;
import org.capi.train.checkpoint.Checkpoints.Checkpoint;
import org.capi.train.config.PretrainConfig;
import org.capi.train.loop.NonFiniteGuard.TrainingDivergedException;
import org.capi.train.loop.StepSession.SharedStep;
import org.capi.train.loop.StepSession.WorkerStatus;
import org.capi.train.loop.TrainingLoop.Ending;
import org.capi.train.loop.TrainingLoop.Outcome;
import org.capi.train.loop.TrainingLoop.Rates;
import org.jspecify.annotations.Nullable;

/** The loop of a worker other than worker 0: it makes the same steps as worker 0's, and writes nothing. */
record FollowerLoop(PretrainConfig config, Images images, StopRequest stop) {

    private static final Logger log = LogManager.getLogger(FollowerLoop.class);

    /** As {@link TrainingLoop#start}. */
    Outcome start(StepSession session, @Nullable NamedTensors weights, @Nullable NamedTensors frozen)
            throws IOException {
        session.initialize(weights, frozen);
        session.agreeOnVariables();
        return run(session, 0, StreamState.start(config.seed(), images.size()));
    }

    /** As {@link TrainingLoop#resume}. */
    Outcome resume(StepSession session, Checkpoint from) throws IOException {
        session.restore(from.prefix());
        session.agreeOnVariables();
        return run(session, from.step(), from.stream());
    }

    private Outcome run(StepSession session, long first, StreamState start) {
        var cluster = session.cluster();
        long total = config.optim().totalSteps();
        Rates rates = Rates.of(config.optim());
        Ending ending = new Ending(cluster, stop);
        long started = System.nanoTime();
        double waited = 0;
        int failed = 0;
        long step = first;
        var settings = config.batches(cluster.rank(), cluster.workers());
        log.info("worker {} of {} starts after step {}", cluster.rank(), cluster.workers(), first);
        try (BatchStream batches = BatchStream.open(images, settings, start, first)) {
            while (step < total && ending.signal() == 0) {
                long before = System.nanoTime();
                try (Batch batch = batches.next()) {
                    double wait = (System.nanoTime() - before) / 1e9;
                    waited += wait;
                    SharedStep made = session.step(batch, rates.at(step), new WorkerStatus(stop.signal(), wait));
                    ending.after(made);
                    step++;
                    failed = made.measured().updated() ? 0 : failed + 1;
                }
                if (failed == NonFiniteGuard.maxFailedSteps()) {
                    throw new TrainingDivergedException("training diverged at step " + step + "; worker 0 says more");
                }
            }
        }
        log.debug("the weights after step {} have the checksum {}", step, session.checksum());
        double seconds = (System.nanoTime() - started) / 1e9;
        log.info("worker {} of {} ends after step {}", cluster.rank(), cluster.workers(), step);
        return new Outcome(step, seconds, seconds > 0 ? waited / seconds : 0, step < total ? ending.signal() : 0);
    }
}
