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
        description = "Writes the weights of a SavedModel or a run as a PyTorch or safetensors file that the reference"
                + " implementation of CAPI can load.",
        footer = {"", "Example:", "  ./capi export-weights --model models/photos --to photos.pth"})
final class ExportWeightsCommand extends ResultCommand {

    @ArgGroup(multiplicity = "1")
    private WeightSource source = new WeightSource();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "FILE",
            description = "The file to create: .pth, .pt or .safetensors.")
    private Path to = Path.of("");

    static final class WeightSource {

        @Option(names = "--model", required = true, paramLabel = "DIR", description = "The folder of a SavedModel.")
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
        differences.forEach(difference -> console.say(
                "warning: the reference implementation computes something else with these weights: " + difference));
        long bytes = Files.size(to);
        console.printf("%s: %,d bytes", to, bytes);
        printJson(Map.of("file", to.toString(), "bytes", bytes));
        return 0;
    }
}
