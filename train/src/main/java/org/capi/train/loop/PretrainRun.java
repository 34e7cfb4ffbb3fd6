package org.capi.train.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.arrow.DatasetPath;
import org.capi.data.batch.Batch;
import org.capi.data.batch.Images;
import org.capi.data.files.FolderLock;
import org.capi.savedmodels.weights.BackboneWeights;
import org.capi.train.checkpoint.Checkpoint;
import org.capi.train.checkpoint.Checkpoints;
import org.capi.train.config.Capi;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.capi.train.config.Sinkhorn;
import org.capi.train.config.Targets;
import org.capi.train.evals.Evaluations;
import org.capi.train.fault.Faults;
import org.capi.train.loop.Pretraining.Outcome;
import org.capi.train.metrics.MetricsFile;
import org.capi.train.metrics.StepMetrics;
import org.capi.train.run.RunFolder;
import org.capi.train.run.RunLog;
import org.capi.train.run.RunRecord;
import org.capi.train.run.RunRecord.ImageSet;
import org.capi.train.watch.Watch;
import org.jspecify.annotations.Nullable;

/** A pretraining with its folder: begun, or gone on with. */
public final class PretrainRun {

    private static final Logger log = LogManager.getLogger(PretrainRun.class);

    /** The paper has 1; the smallest preset that was trained and stayed healthy has this many. */
    private static final double LEAST_IMAGES_PER_PROTOTYPE = 0.25;

    private PretrainRun() {}

    /**
     * Begins a run in a folder that holds none, and trains to the last step.
     *
     * @param data one or several datasets, {@code DIR[:SPLIT][,DIR[:SPLIT]...]}
     */
    public static Outcome start(Path run, String data, PretrainConfig config, List<String> commandLine)
            throws IOException {
        return start(run, data, config, null, commandLine);
    }

    /**
     * The same with weights to begin with.
     *
     * @param from the folder of a run, whose teacher's are taken, that of a SavedModel, or a file; null for random ones
     */
    public static Outcome start(
            Path run, String data, PretrainConfig given, @Nullable Path from, List<String> commandLine)
            throws IOException {
        RunFolder.checkNew(run);
        PretrainConfig config = given.withAbsolutePaths();
        Evaluations.check(config.evals());
        try (BackboneWeights weights = from == null ? null : FirstWeights.open(from, config);
                Images images = Images.open(data);
                StepSession session = open(config);
                BackboneWeights teacher = FirstWeights.teacher(config, session.frozenShapes());
                StopRequest stop = StopRequest.listen()) {
            Files.createDirectories(run);
            try (FolderLock held = new RunFolder(run).lock()) {
                RunFolder folder = RunFolder.create(run, config, RunRecord.now(commandLine, sets(images)));
                RunLog.to(folder.logFile());
                log.debug("{} is locked", held.file());
                return start(folder, config, images, session, weights, teacher, stop);
            }
        }
    }

    private static Outcome start(
            RunFolder folder,
            PretrainConfig config,
            Images images,
            StepSession session,
            @Nullable BackboneWeights weights,
            @Nullable BackboneWeights teacher,
            StopRequest stop)
            throws IOException {
        try (MetricsFile metrics = MetricsFile.create(folder.metricsFile());
                Watch watch = Watch.after(0, folder, config);
                Evaluations evals = Evaluations.after(0, folder, config.evals())) {
            summarize(config, session, images);
            if (weights != null) {
                log.info("beginning with the weights in {}", weights.place());
            }
            return new Pretraining(config, images, folder, watch, evals, stop)
                    .start(
                            session,
                            metrics,
                            weights == null ? null : weights.tensors(),
                            teacher == null ? null : teacher.tensors());
        }
    }

    /**
     * Goes on from the newest complete checkpoint.
     *
     * @param moved the images, if they are no longer where the run found them
     * @param overrides of keys that do not change what is computed
     */
    public static Outcome resume(Path run, @Nullable String moved, List<String> overrides) throws IOException {
        RunFolder folder = RunFolder.open(run);
        folder.checkFree();
        ConfigFile written = folder.config().withResumed(overrides);
        PretrainConfig config = written.resolve().withAbsolutePaths();
        Evaluations.check(config.evals());
        Checkpoints checkpoints = checkpoints(folder, config);
        if (checkpoints.list().isEmpty()) {
            throw noCheckpoint(run);
        }
        try (Images images = reopen(folder, moved);
                StepSession session = open(config);
                FolderLock held = folder.lock()) {
            log.debug("{} is locked", held.file());
            Checkpoint from = checkpoints.newestWholeSettingAside().orElseThrow(() -> noCheckpoint(run));
            from.checkConfig(written);
            from.check(config.seed(), images.size());
            if (from.step() >= config.optim().totalSteps()) {
                throw new IllegalArgumentException(
                        "the run " + run + " is finished: its newest checkpoint is of its last step, " + from.step());
            }
            try (StopRequest stop = StopRequest.listen();
                    MetricsFile metrics = MetricsFile.continueAfter(folder.metricsFile(), from.step());
                    Watch watch = Watch.after(from.step(), folder, config);
                    Evaluations evals = Evaluations.after(from.step(), folder, config.evals())) {
                RunLog.to(folder.logFile());
                summarize(config, session, images);
                log.info("going on after step {}", from.step());
                for (Checkpoint kept : checkpoints.list()) {
                    evals.due(kept.step());
                }
                return new Pretraining(config, images, folder, watch, evals, stop).resume(session, metrics, from);
            }
        }
    }

    private static IllegalArgumentException noCheckpoint(Path run) {
        return new IllegalArgumentException("the run " + run + " has no complete checkpoint to go on from");
    }

    /**
     * Repeats a step that was captured when the training diverged, from the state it began from; the run stays as it is.
     *
     * @param step as the metrics and the log name it
     */
    public static StepMetrics replay(Path run, long step, List<String> overrides) throws IOException {
        RunFolder folder = RunFolder.open(run);
        PretrainConfig config = folder.config().withResumed(overrides).resolve();
        Recipe recipe = new Recipe(config);
        Faults faults = new Faults(folder.faults());
        try (Batch batch = faults.batch(step, recipe.step().batch());
                StepSession session = open(config)) {
            session.restore(faults.state());
            double[] rates = Rates.of(config.optim()).at(step - 1);
            return Pretraining.metrics(config, step, session.step(batch, rates), rates);
        }
    }

    /** Where a run keeps its checkpoints, and how many of them stay. */
    public static Checkpoints checkpoints(RunFolder folder, PretrainConfig config) {
        return new Checkpoints(
                folder.checkpoints(),
                config.checkpoint().maxToKeep(),
                config.checkpoint().keepEvery());
    }

    private static StepSession open(PretrainConfig config) {
        Recipe recipe = new Recipe(config);
        recipe.batches();
        return StepSession.open(recipe.step(), config.compute());
    }

    private static void summarize(PretrainConfig config, StepSession session, Images images) {
        int patches = config.patches();
        long shown = (long) config.optim().totalSteps() * config.optim().batchSize();
        var capi = config.capi();
        log.info(
                "the student, with a {} predictor and the head {}, learns {}",
                config.model().predictor(),
                capi.studentHead(),
                goal(capi));
        log.info(
                "{} parameters in student{}; {} of state with {} and moments",
                count(session.parameters()),
                capi.objective().clusters() ? " and clustering head" : "",
                gigabytes(session.stateBytes()),
                capi.targets() == Targets.FROZEN ? "moving average, frozen teacher" : "moving average");
        MemoryEstimate memory = MemoryEstimate.of(config, session.studentParameters(), session.stateBytes());
        log.info(
                "about {} of memory by estimate: the state, and {} for gradients and activations",
                gigabytes(memory.total()),
                gigabytes(memory.work()));
        log.info(
                "an image: {} patches, {} visible, {} predicted, {} registers",
                patches,
                patches - config.data().masked(patches),
                config.data().predicted(patches),
                config.model().registers());
        if (images.parts().size() > 1) {
            sets(images).forEach(set -> log.info("{}: {} images", set.path(), count(set.images())));
        }
        log.info(
                "{} images; {} steps of {} are {} epochs",
                count(images.size()),
                count(config.optim().totalSteps()),
                config.optim().batchSize(),
                String.format(Locale.ROOT, "%.1f", (double) shown / images.size()));
        double each = (double) config.optim().batchSize() / config.capi().prototypes();
        if (config.capi().sinkhorn() == Sinkhorn.POSITIONWISE && each < LEAST_IMAGES_PER_PROTOTYPE) {
            log.warn(
                    "optim.batch_size {} gives the positionwise Sinkhorn {} images for each of {} prototypes at a position;"
                            + " below {} its equal shares mean little: a larger batch or fewer capi.prototypes help",
                    config.optim().batchSize(),
                    String.format(Locale.ROOT, "%.3g", each),
                    config.capi().prototypes(),
                    LEAST_IMAGES_PER_PROTOTYPE);
        }
        log.info(
                "computing in {} on device {}{}",
                config.compute().type(),
                config.compute().device(),
                switch (session.xla()) {
                    case STEP -> " with XLA, the step as one function";
                    case AUTO -> " with XLA";
                    case OFF -> "";
                });
    }

    private static String goal(Capi capi) {
        String source = switch (capi.targets()) {
            case EMA -> "its moving average";
            case FROZEN -> "the frozen teacher " + capi.teacher();
            case PIXELS -> "the images";
        };
        return switch (capi.objective()) {
            case CLUSTERING -> "the clusters of patches of " + source;
            case IBOT -> "the prototypes that " + source + " assigns patches to";
            case DIRECT ->
                (capi.targets() == Targets.PIXELS ? "the normalised pixels of patches of " : "patches of ") + source
                        + " themselves";
        };
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static List<ImageSet> sets(Images images) {
        return images.parts().stream()
                .map(part -> new ImageSet(
                        DatasetPath.parse(part.name()).absolute(),
                        part.dataset().size(),
                        part.dataset().info().fingerprint()))
                .toList();
    }

    /** The images of a run, which must be those that it began with, wherever they lie now. */
    private static Images reopen(RunFolder folder, @Nullable String moved) throws IOException {
        if (moved == null) {
            List<ImageSet> noted = folder.record().data();
            return checked(Images.open(noted.stream().map(ImageSet::path).toList()), noted);
        }
        List<ImageSet> noted;
        try {
            noted = folder.record().data();
        } catch (IllegalArgumentException e) {
            log.warn("{}: whether the run began with the images {} cannot be checked", e.getMessage(), moved);
            return Images.open(moved);
        }
        return checked(Images.open(moved), noted);
    }

    private static Images checked(Images images, List<ImageSet> noted) {
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
            throw new IllegalArgumentException("the run was begun with image sets of " + counts + " images, these have "
                    + countsNow + "; give the same sets in the same order");
        }
        for (int set = 0; set < now.size(); set++) {
            String before = noted.get(set).fingerprint();
            if (before == null) {
                log.warn(
                        "the run is of an older version, which noted no fingerprint of its images: {} is taken as it is",
                        now.get(set).path());
            } else if (!before.equals(now.get(set).fingerprint())) {
                throw new IllegalArgumentException("the run was begun with the images "
                        + noted.get(set).path() + ", fingerprint " + before + "; "
                        + now.get(set).path() + " holds others, fingerprint "
                        + now.get(set).fingerprint() + "; give the same sets in the same order");
            }
        }
    }
}
