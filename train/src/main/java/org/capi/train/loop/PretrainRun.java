package org.capi.train.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.arrow.DatasetPath;
import org.capi.data.batch.Batch;
import org.capi.data.batch.Images;
import org.capi.data.files.FolderLock;
import org.capi.savedmodels.weights.BackboneWeights;
import org.capi.savedmodels.weights.NamedTensors;
import org.capi.train.checkpoint.Checkpoints;
import org.capi.train.checkpoint.Checkpoints.Checkpoint;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.capi.train.evals.Evaluations;
import org.capi.train.loop.TrainingLoop.Outcome;
import org.capi.train.loop.TrainingLoop.Rates;
import org.capi.train.metrics.MetricsFile;
import org.capi.train.metrics.StepMetrics;
import org.capi.train.run.RunFolder;
import org.capi.train.run.RunFolder.RunLog;
import org.capi.train.run.RunRecord;
import org.capi.train.run.RunRecord.ImageSet;
import org.capi.train.watch.RunReporter;
import org.capi.train.workers.Cluster;
import org.capi.train.workers.WorkerPlan;
import org.jspecify.annotations.Nullable;

/** A pretraining with its folder: started, continued, or one step of it repeated. */
public final class PretrainRun {

    private static final Logger log = LogManager.getLogger(PretrainRun.class);

    private PretrainRun() {}

    /**
     * Starts a run in a folder that holds none, with random weights, and trains to the last step.
     *
     * @param data one or several datasets, {@code DIR[:SPLIT][,DIR[:SPLIT]...]}
     */
    public static Outcome start(Path run, String data, PretrainConfig config, List<String> commandLine)
            throws IOException {
        return start(run, data, config, null, commandLine, Cluster.ALONE);
    }

    /**
     * The same as one of several workers, of which worker 0 writes the run's folder.
     *
     * @param from the folder of a run, whose teacher's are taken, that of a SavedModel, or a file; null for random ones
     */
    public static Outcome start(
            Path run, String data, PretrainConfig given, @Nullable Path from, List<String> commandLine, Cluster cluster)
            throws IOException {
        RunFolder.checkNew(run);
        PretrainConfig config = given.withAbsolutePaths();
        config.checkWorkers(cluster.workers());
        Evaluations.check(config.evals());
        try (BackboneWeights weights = from == null ? null : InitialWeights.open(from, config);
                Images images = Images.open(data);
                StepSession session = open(config, cluster);
                BackboneWeights teacher = InitialWeights.teacher(config, session.frozenShapes());
                StopRequest stop = StopRequest.listen()) {
            session.agree(WorkerPlan.of("pretrain", given.toYaml(), sets(images), 0));
            if (!cluster.isFirst()) {
                logTo(new RunFolder(run), cluster);
                return new FollowerLoop(config, images, stop).start(session, tensors(weights), tensors(teacher));
            }
            Files.createDirectories(run);
            try (FolderLock held = new RunFolder(run).lock()) {
                RunFolder folder = RunFolder.create(run, config, RunRecord.now(commandLine, sets(images)));
                RunLog.to(folder.logFile());
                log.debug("{} is locked", held.file());
                try (MetricsFile metrics = MetricsFile.create(folder.metricsFile());
                        RunReporter reporter = RunReporter.after(0, folder, config);
                        Evaluations evals = Evaluations.after(0, folder, config.evals())) {
                    RunSummary.log(config, session, images);
                    if (weights != null) {
                        log.info("starting with the weights in {}", weights.place());
                    }
                    return new TrainingLoop(config, images, folder, reporter, evals, stop)
                            .start(session, metrics, tensors(weights), tensors(teacher));
                }
            }
        }
    }

    private static void logTo(RunFolder folder, Cluster follower) throws IOException {
        Path file = folder.workerLog(follower.rank());
        Files.createDirectories(folder.workers());
        RunLog.to(file);
    }

    /** Refuses evaluations, and weights to start from, that a run of the configuration would refuse. */
    public static void check(PretrainConfig config, @Nullable Path from) throws IOException {
        Evaluations.check(config.withAbsolutePaths().evals());
        if (from != null) {
            InitialWeights.open(from, config).close();
        }
    }

    private static @Nullable NamedTensors tensors(@Nullable BackboneWeights weights) {
        return weights == null ? null : weights.tensors();
    }

    /**
     * Continues from the newest complete checkpoint.
     *
     * @param moved the images, if they are no longer where the run found them
     * @param overrides of keys that do not change what is computed
     */
    public static Outcome resume(Path run, @Nullable String moved, List<String> overrides) throws IOException {
        return resume(run, moved, overrides, Cluster.ALONE);
    }

    /** The same as one of several workers; it does not matter how many made the checkpoint. */
    public static Outcome resume(Path run, @Nullable String moved, List<String> overrides, Cluster cluster)
            throws IOException {
        RunFolder folder = RunFolder.open(run);
        if (cluster.isFirst()) {
            folder.checkFree();
        }
        ConfigFile written = folder.config().withResumed(overrides);
        PretrainConfig config = written.resolve().withAbsolutePaths();
        config.checkWorkers(cluster.workers());
        Evaluations.check(config.evals());
        Checkpoints checkpoints = checkpoints(folder, config);
        if (folder.endedBeforeItsFirstCheckpoint()) {
            throw new IllegalArgumentException("the run " + run
                    + " ended before its first checkpoint; start it again with ./capi pretrain --run " + run);
        }
        if (checkpoints.list().isEmpty()) {
            throw noCheckpoint(run);
        }
        if (!cluster.isFirst()) {
            return follow(folder, moved, written, cluster);
        }
        try (Images images = reopen(folder, moved);
                StepSession session = open(config, cluster);
                FolderLock held = folder.lock()) {
            log.debug("{} is locked", held.file());
            Checkpoint from = checkpoints.newestWhole(true).orElseThrow(() -> noCheckpoint(run));
            from.checkConfig(written);
            from.check(config.seed(), images.size());
            if (from.step() >= config.optim().totalSteps()) {
                throw new IllegalArgumentException(
                        "the run " + run + " is finished: its newest checkpoint is of its last step, " + from.step());
            }
            session.agree(WorkerPlan.of("resume", written.resolve().toYaml(), sets(images), from.step()));
            try (StopRequest stop = StopRequest.listen();
                    MetricsFile metrics = MetricsFile.continueAfter(folder.metricsFile(), from.step());
                    RunReporter reporter = RunReporter.after(from.step(), folder, config);
                    Evaluations evals = Evaluations.after(from.step(), folder, config.evals())) {
                RunLog.to(folder.logFile());
                RunSummary.log(config, session, images);
                log.info("continuing after step {}", from.step());
                for (Checkpoint kept : checkpoints.list()) {
                    evals.due(kept.step());
                }
                return new TrainingLoop(config, images, folder, reporter, evals, stop).resume(session, metrics, from);
            }
        }
    }

    /** Continues as a worker other than worker 0, which chooses the checkpoint. */
    private static Outcome follow(RunFolder folder, @Nullable String moved, ConfigFile written, Cluster cluster)
            throws IOException {
        PretrainConfig config = written.resolve().withAbsolutePaths();
        try (Images images = reopen(folder, moved);
                StepSession session = open(config, cluster);
                StopRequest stop = StopRequest.listen()) {
            logTo(folder, cluster);
            var plan = session.agree(WorkerPlan.of("resume", written.resolve().toYaml(), sets(images), 0));
            Checkpoint from = checkpoints(folder, config).at(plan.step());
            from.check(config.seed(), images.size());
            return new FollowerLoop(config, images, stop).resume(session, from);
        }
    }

    private static IllegalArgumentException noCheckpoint(Path run) {
        return new IllegalArgumentException("the run " + run + " has no complete checkpoint to continue from");
    }

    /**
     * Repeats a step that was captured when the training diverged, from the state that it started from; the run is not
     * changed.
     *
     * @param step as the metrics and the log name it
     */
    public static StepMetrics replay(Path run, long step, List<String> overrides) throws IOException {
        RunFolder folder = RunFolder.open(run);
        PretrainConfig config = folder.config().withResumed(overrides).resolve();
        StepDumps dumps = new StepDumps(folder.faults());
        try (Batch batch = dumps.batch(step, config.step().batch());
                StepSession session = open(config, Cluster.ALONE)) {
            session.restore(dumps.state());
            double[] rates = Rates.of(config.optim()).at(step - 1);
            return TrainingLoop.metrics(config, step, session.step(batch, rates), rates);
        }
    }

    /** The checkpoints of a run, with its settings for how many are kept. */
    public static Checkpoints checkpoints(RunFolder folder, PretrainConfig config) {
        return new Checkpoints(
                folder.checkpoints(),
                config.checkpoint().maxToKeep(),
                config.checkpoint().keepEvery());
    }

    private static StepSession open(PretrainConfig config, Cluster cluster) {
        config.batches();
        return StepSession.open(config.step(cluster.workers()), config.compute(), cluster);
    }

    static List<ImageSet> sets(Images images) {
        return images.parts().stream()
                .map(part -> new ImageSet(
                        DatasetPath.parse(part.name()).absolute(),
                        part.dataset().size(),
                        part.dataset().info().fingerprint()))
                .toList();
    }

    private static Images reopen(RunFolder folder, @Nullable String moved) throws IOException {
        List<ImageSet> noted;
        try {
            noted = folder.record().data();
        } catch (IllegalArgumentException e) {
            if (moved == null) {
                throw e;
            }
            log.warn(
                    "{}; so it cannot be checked whether the run was started with the images {}",
                    e.getMessage(),
                    moved);
            return Images.open(moved);
        }
        Images images =
                moved == null ? Images.open(noted.stream().map(ImageSet::path).toList()) : Images.open(moved);
        try {
            check(sets(images), noted);
            return images;
        } catch (RuntimeException e) {
            images.close();
            throw e;
        }
    }

    private static void check(List<ImageSet> now, List<ImageSet> noted) {
        List<Long> counts = noted.stream().map(ImageSet::images).toList();
        List<Long> countsNow = now.stream().map(ImageSet::images).toList();
        if (!countsNow.equals(counts)) {
            throw new IllegalArgumentException("the run was started with image sets of " + counts
                    + " images, these have " + countsNow + "; give the same sets in the same order");
        }
        for (int set = 0; set < now.size(); set++) {
            String before = noted.get(set).fingerprint();
            if (before == null) {
                log.warn(
                        "the run was started by an older version that noted no fingerprint of its images, so {}"
                                + " is not checked",
                        now.get(set).path());
            } else if (!before.equals(now.get(set).fingerprint())) {
                throw new IllegalArgumentException("the run was started with the images "
                        + noted.get(set).path() + ", fingerprint " + before + "; "
                        + now.get(set).path() + " holds others, fingerprint "
                        + now.get(set).fingerprint() + "; give the same sets in the same order");
            }
        }
    }
}
