package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.DatasetPath;
import org.capi.data.batch.Images;
import org.capi.train.budget.AutoPreset;
import org.capi.train.budget.TimeBudget;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.capi.train.loop.PretrainRun;
import org.capi.train.loop.TrainingLoop.Outcome;
import org.capi.train.metrics.ProgressLine;
import org.capi.train.run.RunFolder;
import org.capi.train.workers.Cluster;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "pretrain",
        description = "Trains a vision transformer on the images of a dataset, without their labels.",
        footer = {
            "",
            "The keys that people change most; ./capi config explains every key:",
            "  optim.total_steps    Number of training steps; each takes one batch.",
            "  optim.batch_size     Number of images in one step.",
            "  optim.learning_rate  Highest learning rate of the student.",
            "  data.image_size      Side of a training image in pixels; larger is slower.",
            "  capi.prototypes      Number of clusters that patches are assigned to.",
            "",
            "Examples:",
            "  ./capi pretrain --data sets/photos --run runs/1 --preset auto --minutes 30",
            "  ./capi pretrain --data sets/photos --run runs/2 optim.batch_size=128",
            "  ./capi pretrain --data sets/photos --run runs/3 --workers 4"
        })
final class PretrainCommand extends ResultCommand {

    private static final Logger log = LogManager.getLogger(PretrainCommand.class);

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR[:SPLIT][,DIR...]",
            description = "The images to train on: one dataset, or several with commas.")
    private String data = "";

    @Option(
            names = "--run",
            required = true,
            paramLabel = "DIR",
            description = "The folder of the run; must not hold a run yet.")
    private Path run = Path.of("");

    @Option(
            names = "--from-weights",
            paramLabel = "RUN|MODEL|FILE",
            description =
                    "Start with existing weights instead of random ones: those of a run (the teacher of its newest"
                            + " checkpoint), a SavedModel, or a .pth or .safetensors file.")
    private @Nullable Path weights;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description =
                    "About how long the command may take. Sets the number of steps and of warm-up steps, after some"
                            + " steps are timed on the images: seconds on an idle machine.")
    private @Nullable Double minutes;

    @Mixin
    private final WorkerOptions workers = new WorkerOptions();

    @Mixin
    private final ConfigOptions config = new ConfigOptions();

    @Override
    public Integer call() throws IOException {
        Cluster cluster = workers.cluster();
        if (minutes != null && (workers.launches() || !cluster.isAlone())) {
            throw new IllegalArgumentException("--minutes must not be given with several workers: it times the steps of"
                    + " one process, was " + minutes + "; give optim.total_steps");
        }
        if (workers.launches()) {
            RunFolder.checkNew(run);
            return workers.launch(run, resolve());
        }
        Outcome outcome = PretrainRun.start(run, data, resolve(), weights, workers.arguments(), cluster);
        return report(this, run, cluster, outcome);
    }

    private PretrainConfig resolve() throws IOException {
        if (minutes == null) {
            return config.resolve();
        }
        var budget = new TimeBudget(minutes);
        RunFolder.checkNew(run);
        TimeBudget.check(config.overrides());
        if (!config.isAuto()) {
            PretrainRun.check(config.resolve(), weights); // before any step is timed
        } else if (weights != null) {
            throw new IllegalArgumentException(
                    "--preset auto chooses the sizes of the model, and --from-weights has its own; with --from-weights"
                            + " name the --preset or the --config of the weights");
        }
        try (Images images = Images.open(data)) {
            ConfigFile fit = config.isAuto()
                    ? AutoPreset.choose(images, budget, config.overrides())
                    : budget.fit(config.base(), config.overrides(), images, 0, Integer.MAX_VALUE);
            return fit.resolve();
        }
    }

    /**
     * Prints the end of a pretraining, if this is worker 0, and returns the exit status: 128 + signal for a run that was
     * stopped.
     */
    static int report(ResultCommand command, Path run, Cluster cluster, Outcome outcome) {
        int status = outcome.stopped() ? Failure.SIGNAL + outcome.stoppedBy() : 0;
        if (!cluster.isFirst()) {
            return status;
        }
        Console console = command.console;
        console.printf(
                "%s: %s after %,d %s; training took %s, %.1f %% of it waiting for data",
                run,
                outcome.stopped() ? "stopped" : "finished",
                outcome.step(),
                outcome.step() == 1 ? "step" : "steps",
                ProgressLine.duration(outcome.seconds()),
                100 * outcome.dataWaitShare());
        RunFolder folder = RunFolder.open(run);
        console.print("report: " + folder.reportFile());
        if (outcome.stopped()) {
            console.print("continue with:");
            console.print("  ./capi resume --run " + shell(run));
        } else {
            console.print("next:");
            next(folder, outcome.step()).forEach(line -> console.print("  " + line));
        }
        command.printJson(outcome);
        return status;
    }

    /** The commands to export a finished run and to look at what it learned. */
    private static List<String> next(RunFolder run, long step) {
        Path model = run.exports().resolve("teacher");
        if (Files.exists(model)) {
            model = run.exports().resolve("teacher-" + step);
        }
        List<String> commands = new ArrayList<>();
        commands.add("./capi export --run " + shell(run.path()) + " --to " + shell(model));
        try {
            DatasetPath images = DatasetPath.parse(run.record().data().get(0).path());
            commands.add("./capi eval " + eval(images, run.evals()) + " --model " + shell(model));
        } catch (IOException | IllegalArgumentException e) {
            log.debug("the images of the run are not known", e); // such as of a damaged run.json, which no run needs
        }
        return commands;
    }

    /** A k-NN evaluation where the images have labels and a split to test on; else pictures of features. */
    private static String eval(DatasetPath images, Path out) throws IOException {
        Path test = labelledTest(images);
        return test == null
                ? "pca --data " + shell(images) + " --out " + shell(out.resolve("pca"))
                : "knn --train " + shell(images) + " --test "
                        + shell(new DatasetPath(images.folder(), String.valueOf(test.getFileName()))) + " --out "
                        + shell(out.resolve("knn"));
    }

    /** A split to test on, other than the one that was trained on; null without one, or without labels. */
    private static @Nullable Path labelledTest(DatasetPath trained) throws IOException {
        Path train = trained.resolve();
        for (Path split : new DatasetPath(trained.folder(), null).splits()) {
            boolean other = !split.equals(train) && split.startsWith(trained.folder());
            if (other && labelled(split) && labelled(train)) {
                return split;
            }
        }
        return null;
    }

    private static boolean labelled(Path split) {
        return Files.exists(split.resolve(DatasetInfo.FILE))
                && DatasetInfo.read(split).labelled() > 0;
    }

    /** A dataset as a command takes it, relative to the working directory where it is below. */
    private static String shell(DatasetPath images) {
        String split = images.split() == null ? "" : ":" + images.split();
        Path folder = images.folder().toAbsolutePath();
        Path here = Path.of("").toAbsolutePath();
        return Console.shell((folder.startsWith(here) ? here.relativize(folder) : folder) + split);
    }

    private static String shell(Path path) {
        return Console.shell(path.toString());
    }
}
