package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
        footer = {"", "Example: capi export --run runs/photos --to models/photos --layers 3,6,9"})
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

    @Option(
            names = "--layers",
            paramLabel = "N",
            split = ",",
            description = {
                "Encoder layers whose feature maps become outputs features_at_layer_N: 0 is what the encoder starts",
                "from, 1 its first block, -1 its last."
            })
    private List<Integer> layers = List.of();

    @Option(
            names = "--license",
            paramLabel = "NAME",
            description = "Under which the weights may be used, for the model card.")
    private @Nullable String license;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    ExportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        RunExport export = RunExport.open(run);
        var checkpoint = step == null ? export.newest() : export.at(step);
        export.write(checkpoint, weights, new RunExport.Wishes(layers, license), to);
        console.print(String.format(
                Locale.ROOT, "%s: %s weights after %s steps", to, weights, Console.count(checkpoint.step())));
        if (json) {
            console.printJson(Map.of("model", to.toString(), "weights", weights.toString(), "step", checkpoint.step()));
        }
        return 0;
    }
}
