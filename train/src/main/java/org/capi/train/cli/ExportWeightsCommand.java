package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.capi.savedmodels.weights.WeightExport;
import org.capi.train.export.RunExport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes weights as the reference implementation reads them. */
@Command(
        name = "export-weights",
        description = "Writes the weights of a model or a run as the reference implementation reads them.",
        footer = {"", "Example: capi export-weights --model models/photos --to photos.pth"})
final class ExportWeightsCommand implements Callable<Integer> {

    private final Console console;

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "FILE",
            description = "The new file; its name ends in .pth, .pt or .safetensors.")
    private Path to = Path.of("");

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    /** Where the weights are. */
    static final class Source {

        @Option(names = "--model", required = true, paramLabel = "DIR", description = "A SavedModel.")
        private @Nullable Path model;

        @ArgGroup(exclusive = false)
        private @Nullable Run run;
    }

    /** Weights of a run. */
    static final class Run {

        @Option(names = "--run", required = true, paramLabel = "DIR", description = "A run's folder.")
        private Path folder = Path.of("");

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
    }

    ExportWeightsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        List<String> differences = List.of();
        if (source.run != null) {
            RunExport export = RunExport.open(source.run.folder);
            var checkpoint = source.run.step == null ? export.newest() : export.at(source.run.step);
            differences = export.writeWeights(checkpoint, source.run.weights, to);
        } else if (source.model != null) {
            differences = WeightExport.fromModel(source.model, to);
        }
        differences.forEach(difference ->
                console.say("warning: the reference does not compute what this model does: " + difference));
        long bytes = Files.size(to);
        console.print(to + ": " + Console.count(bytes) + " bytes");
        if (json) {
            console.printJson(Map.of("file", to.toString(), "bytes", bytes));
        }
        return 0;
    }
}
