package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.capi.graph.vit.FrozenEncoder;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.weights.WeightImport;
import org.capi.train.config.ConfigFile;
import org.capi.train.metrics.ProgressLine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "import-weights",
        description = {
            "Converts a file of weights, PyTorch (.pth) or safetensors, into a SavedModel. No code in the file is"
                    + " executed. Prefixes such as module. and wrappers such as state_dict are removed. If the weights"
                    + " are split into several files, give the index or any one of them."
        },
        footer = {"", "Example:", "  ./capi import-weights --from capi_vitl14_lvd.pth --to models/vitl14-lvd"})
final class ImportWeightsCommand extends ResultCommand {

    private static final String OF_BIRDER = "rope_vit_";
    private static final int MAX_NAMES = 8;

    @Option(names = "--from", required = true, paramLabel = "FILE", description = "The file of weights.")
    private Path from = Path.of("");

    @Option(
            names = "--to",
            required = true,
            paramLabel = "DIR",
            description = "The folder to create; must not exist yet.")
    private Path to = Path.of("");

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            description = {
                "The preset with the architecture of the weights. Default: found from the shapes of the tensors. For"
                        + " a model of the library birder: its name there, such as rope_vit_reg4_b14. Default: found"
                        + " from the name of the file."
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
            console.say("skipped, not part of the encoder: "
                    + String.join(", ", ignored.subList(0, Math.min(MAX_NAMES, ignored.size())))
                    + (more > 0 ? " and " + more + " more" : ""));
        }
        String predictor = model instanceof VitConfig published
                ? "predictor " + published.predictorDepth() + " x " + published.predictorDim() + ", "
                : "";
        console.print(to + ": patch " + model.patchSize() + ", width " + model.dim() + ", " + model.depth()
                + " blocks, " + model.heads() + " heads, " + model.registers() + " registers, " + predictor
                + ProgressLine.count(imported.parameters()) + " parameters; global is " + model.globalMeaning());
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
