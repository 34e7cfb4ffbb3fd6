package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.capi.graph.vit.FrozenEncoder;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.weights.WeightImport;
import org.capi.train.config.ConfigFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "import-weights",
        description = {
            "Turns weights in a file of PyTorch (.pth) or in safetensors into a SavedModel.",
            "Nothing in the file is run; a damaged or foreign file is refused by name.",
            "Prefixes such as module. and wrappers such as state_dict are seen through; of sharded weights give the",
            "index or one shard."
        },
        footer = {"", "Example: capi import-weights --from capi_vitl14_lvd.pth --to models/vitl14-lvd --arch vitl14"})
final class ImportWeightsCommand extends ResultCommand {

    private static final String OF_BIRDER = "rope_vit_";
    private static final int MAX_NAMES = 8;

    @Option(names = "--from", required = true, paramLabel = "FILE", description = "The file with the weights.")
    private Path from = Path.of("");

    @Option(names = "--to", required = true, paramLabel = "DIR", description = "The model's folder; must not exist.")
    private Path to = Path.of("");

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            description = {
                "A preset whose model the file must hold. Default: the model that the tensors' shapes show.",
                "For a model of the library birder the name that it has there, rope_vit_reg4_b14 for example. Default:",
                "as the file's name begins."
            })
    private @Nullable String arch;

    @Override
    public Integer call() throws IOException {
        WeightImport.Imported imported =
                WeightImport.run(from, to, wanted(), console.progressInBytes("import-weights")::at);
        FrozenEncoder.Config model = imported.model();
        imported.notes().forEach(console::say);
        List<String> ignored = imported.ignored();
        if (!ignored.isEmpty()) {
            int more = ignored.size() - MAX_NAMES;
            console.say("not part of the encoder, left out: "
                    + String.join(", ", ignored.subList(0, Math.min(MAX_NAMES, ignored.size())))
                    + (more > 0 ? " and " + more + " more" : ""));
        }
        String predictor = model instanceof VitConfig published
                ? "predictor " + published.predictorDepth() + " x " + published.predictorDim() + ", "
                : "";
        console.print(to + ": patch " + model.patchSize() + ", width " + model.dim() + ", " + model.depth()
                + " blocks, " + model.heads() + " heads, " + model.registers() + " registers, " + predictor
                + Console.count(imported.parameters()) + " parameters; global is " + model.globalMeaning());
        printJson(Map.of("model", to.toString(), "parameters", imported.parameters(), "architecture", model));
        return 0;
    }

    private WeightImport.Wanted wanted() throws IOException {
        if (arch == null) {
            return WeightImport.Wanted.ANY;
        }
        return arch.startsWith(OF_BIRDER)
                ? WeightImport.Wanted.of(arch)
                : WeightImport.Wanted.of(ConfigFile.preset(arch).resolve().vit());
    }
}
