package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.capi.train.loop.PretrainRun;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Pretrains a model. */
@Command(
        name = "pretrain",
        description = "Pretrains a vision transformer on a dataset, labels unseen.",
        footer = {"", "Example: capi pretrain --data sets/photos --run runs/photos --preset vits14 optim.batch_size=256"
        })
final class PretrainCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private @Nullable CommandSpec command;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR[:SPLIT][,DIR...]",
            description = "The images, of one or several datasets.")
    private String data = "";

    @Option(
            names = "--run",
            required = true,
            paramLabel = "DIR",
            description = "The run's folder, which must hold no run.")
    private Path run = Path.of("");

    @Option(
            names = "--from-weights",
            paramLabel = "RUN|MODEL|FILE",
            description =
                    "Begin with the weights of encoder and predictor of a run (its teacher's, newest checkpoint), a"
                            + " SavedModel (those it was exported with: the teacher's, unless export was told --weights"
                            + " student), or a .pth or .safetensors file (likewise), in place of random ones.")
    private @Nullable Path weights;

    @Mixin
    private final ConfigOptions config = new ConfigOptions();

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    PretrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var outcome = PretrainRun.start(run, data, config.resolve(), weights, arguments());
        return RunReport.print(console, json, run, outcome);
    }

    private List<String> arguments() {
        return command == null
                ? List.of()
                : command.root().commandLine().getParseResult().originalArgs();
    }
}
