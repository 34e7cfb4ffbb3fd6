package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.capi.train.loop.PretrainRun;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Goes on with a pretraining. */
@Command(
        name = "resume",
        description = "Goes on from a run's newest complete checkpoint, as if it had never stopped.",
        footer = {"", "Example: capi resume --run runs/photos data.threads=8"})
final class ResumeCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--run", required = true, paramLabel = "DIR", description = "The run's folder.")
    private Path run = Path.of("");

    @Option(names = "--data", paramLabel = "DIR[:SPLIT][,DIR...]", description = "The images, if they have moved.")
    private @Nullable String data;

    @Option(
            names = "--replay",
            paramLabel = "STEP",
            description = "Repeat one of the steps that were captured when the training diverged, and go on with none.")
    private @Nullable Long replay;

    @Parameters(
            paramLabel = "section.key=value",
            arity = "0..*",
            description = "Other values for keys of compute, checkpoint, metrics, evals, or for data.threads.")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    ResumeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (replay != null) {
            RunReport.print(console, json, PretrainRun.replay(run, replay, overrides));
            return 0;
        }
        var outcome = PretrainRun.resume(run, data, overrides);
        return RunReport.print(console, json, run, outcome);
    }
}
