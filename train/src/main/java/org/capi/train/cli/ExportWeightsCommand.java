package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.capi.savedmodels.weights.WeightExport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "export-weights",
        description = "Writes the weights of a model or a run as the reference implementation reads them.",
        footer = {"", "Example: capi export-weights --model models/photos --to photos.pth"})
final class ExportWeightsCommand extends ResultCommand {

    @ArgGroup(multiplicity = "1")
    private WeightSource source = new WeightSource();

    @Option(names = "--to", required = true, paramLabel = "FILE", description = "A new .pth, .pt or .safetensors file.")
    private Path to = Path.of("");

    /** Where the weights are. */
    static final class WeightSource {

        @Option(names = "--model", required = true, paramLabel = "DIR", description = "A SavedModel.")
        private @Nullable Path model;

        @ArgGroup(exclusive = false)
        private ExportCommand.@Nullable RunWeights run;
    }

    @Override
    public Integer call() throws IOException {
        List<String> differences = List.of();
        if (source.run != null) {
            differences = source.run.write(to);
        } else if (source.model != null) {
            differences = WeightExport.fromModel(source.model, to);
        }
        differences.forEach(difference ->
                console.say("warning: the reference does not compute what this model does: " + difference));
        long bytes = Files.size(to);
        console.printf("%s: %,d bytes", to, bytes);
        printJson(Map.of("file", to.toString(), "bytes", bytes));
        return 0;
    }
}
