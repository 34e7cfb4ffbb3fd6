package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.train.loop.PretrainRun;
import org.capi.train.metrics.StepMetrics;
import org.capi.train.run.RunFolder;
import org.capi.train.workers.Cluster;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "resume",
        description = "Continues a run that was stopped, from its newest checkpoint. On a CPU the result is"
                + " bit-identical to that of a run that was not stopped.",
        footer = {"", "Example:", "  ./capi resume --run runs/photos data.threads=8"})
final class ResumeCommand extends ResultCommand {

    @Option(names = "--run", required = true, paramLabel = "DIR", description = "The run's folder.")
    private Path run = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "DIR[:SPLIT][,DIR...]",
            description = "Where the images are now, if they have been moved.")
    private @Nullable String data;

    @Option(
            names = "--replay",
            paramLabel = "STEP",
            description = "Only repeat this step. When training diverges, the last steps are saved so that they can be"
                    + " repeated.")
    private @Nullable Long replay;

    @Mixin
    private final WorkerOptions workers = new WorkerOptions();

    @Parameters(
            paramLabel = "section.key=value",
            arity = "0..*",
            description =
                    "Configuration keys to change: those of compute, checkpoint, metrics and evals, and data.threads.")
    private List<String> overrides = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        Cluster cluster = workers.cluster();
        if (replay != null && (workers.launches() || !cluster.isAlone())) {
            throw new IllegalArgumentException(
                    "--replay must be without other workers: one process repeats the whole step, was " + replay);
        }
        if (workers.launches()) {
            RunFolder folder = RunFolder.open(run);
            folder.checkFree();
            return workers.launch(run, folder.config().withResumed(overrides).resolve());
        }
        if (replay == null) {
            return PretrainCommand.report(this, run, cluster, PretrainRun.resume(run, data, overrides, cluster));
        }
        StepMetrics step = PretrainRun.replay(run, replay, overrides);
        console.printf(
                "step %d: student loss %.6g, clustering loss %.6g, target entropy %.6g,"
                        + " gradient norms %.6g and %.6g, %s",
                step.step(),
                step.studentLoss(),
                step.clusteringLoss(),
                step.targetEntropy(),
                step.gradientNorm(),
                step.clusteringGradientNorm(),
                step.updated() ? "update made" : "update skipped");
        printJson(step);
        return 0;
    }
}
