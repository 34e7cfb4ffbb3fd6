package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.capi.train.checkpoint.Checkpoints.Checkpoint;
import org.capi.train.export.RunExport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "export",
        description = "Writes the encoder of a run as a SavedModel, which any TensorFlow program can load.",
        footer = {"", "Example:", "  ./capi export --run runs/photos --to models/photos"})
final class ExportCommand extends ResultCommand {

    @Mixin
    private final RunWeights run = new RunWeights();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "DIR",
            description = "The folder to create; must not exist yet.")
    private Path to = Path.of("");

    @Option(
            names = "--layers",
            paramLabel = "N",
            split = ",",
            description = {
                "Add the feature maps of these encoder layers as outputs features_at_layer_N. 0 is the input of the"
                        + " first block, 1 the output of the first block, -1 the output of the last."
            })
    private List<Integer> layers = List.of();

    @Option(
            names = "--license",
            paramLabel = "NAME",
            description = "The license of the weights to name in the model card.")
    private @Nullable String license;

    static final class RunWeights {

        @Option(names = "--run", required = true, paramLabel = "DIR", description = "The folder of the run.")
        private Path folder = Path.of("");

        @Option(
                names = "--weights",
                paramLabel = "teacher|student",
                defaultValue = "teacher",
                description = "The teacher (the moving average of the student) or the student.")
        private RunExport.Weights weights = RunExport.Weights.TEACHER;

        @Option(
                names = "--step",
                paramLabel = "N",
                description = "The checkpoint of this step; 0 is the untrained model. Default: the newest.")
        private @Nullable Long step;

        private Checkpoint checkpoint(RunExport export) throws IOException {
            return step == null ? export.newest() : export.at(step);
        }

        /** Writes them to a file; returns what the reference implementation would compute otherwise. */
        List<String> write(Path file) throws IOException {
            RunExport export = RunExport.open(folder);
            return export.writeWeights(checkpoint(export), weights, file);
        }
    }

    @Override
    public Integer call() throws IOException {
        RunExport export = RunExport.open(run.folder);
        Checkpoint checkpoint = run.checkpoint(export);
        export.write(checkpoint, run.weights, new RunExport.Wishes(layers, license), to);
        console.printf("%s: SavedModel with the %s's weights after %,d steps", to, run.weights, checkpoint.step());
        printJson(Map.of("model", to.toString(), "weights", run.weights.toString(), "step", checkpoint.step()));
        return 0;
    }
}
