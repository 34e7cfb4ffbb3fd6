package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.capi.train.export.RunExport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes a SavedModel from a run. */
@Command(
        name = "export",
        description = "Writes the encoder of a run as a SavedModel that any TensorFlow program can use.",
        footer = {"", "Example: capi export --run runs/photos --to models/photos"})
final class ExportCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--run", required = true, paramLabel = "DIR", description = "The run's folder.")
    private Path run = Path.of("");

    @Option(
            names = "--to",
            required = true,
            paramLabel = "DIR",
            description = "The model's folder, which must not exist.")
    private Path to = Path.of("");

    @Option(
            names = "--weights",
            paramLabel = "teacher|student",
            defaultValue = "teacher",
            description = "The moving average, or the student itself.")
    private RunExport.Weights weights = RunExport.Weights.TEACHER;

    @Option(
            names = "--step",
            paramLabel = "N",
            description = "The checkpoint after so many steps; 0 is the untrained model. Default: the newest.")
    private @Nullable Long step;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    ExportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        RunExport export = RunExport.open(run);
        var checkpoint = step == null ? export.newest() : export.at(step);
        export.write(checkpoint, weights, to);
        console.print(String.format(
                Locale.ROOT, "%s: %s weights after %s steps", to, weights, Console.count(checkpoint.step())));
        if (json) {
            console.printJson(Map.of("model", to.toString(), "weights", weights.toString(), "step", checkpoint.step()));
        }
        return 0;
    }
}
