package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.FeatureExport;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Representation.FeatureShape;
import org.capi.eval.features.Transform;
import org.capi.eval.recipe.RecipeEntry;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "embed",
        description =
                "Computes the features of every image and writes them to a file with the columns features (float32),"
                        + " label and name.",
        footer = {
            "",
            "Settings (key=value):",
            "  representation  avg_patch (default), global, both, registers or patches",
            "  image_size      height and width in pixels; default: as in training, else 224",
            "  transform       centre (default): a square from the middle of the image;",
            "                  squash: the whole image, squeezed into a square",
            "  batch_size      images at once; default 32",
            "  threads         threads that read images; default: one for each core",
            "",
            "A SavedModel that could access files or run other code is not loaded.",
            "",
            "Example:",
            "  ./capi embed --model models/photos --data sets/photos:val \\",
            "    --to photos.parquet representation=global"
        })
final class EmbedCommand extends ResultCommand {

    record Settings(
            Representation representation, @Nullable Integer imageSize, Transform transform, Integer batchSize) {

        Settings {
            representation = RecipeEntry.or(representation, Representation.AVG_PATCH);
            transform = RecipeEntry.or(transform, Transform.CENTRE);
            batchSize = RecipeEntry.or(batchSize, RecipeEntry.BATCH_SIZE);
        }
    }

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "The folder of a SavedModel.")
    private Path model = Path.of("");

    @Option(names = "--data", required = true, paramLabel = "DIR[:SPLIT]", description = "The images to encode.")
    private String data = "";

    @Option(
            names = "--to",
            required = true,
            paramLabel = "FILE",
            description = "The file to write: .arrow or .parquet.")
    private Path to = Path.of("");

    @Mixin
    private final EvalSettings.Words settings = new EvalSettings.Words();

    @Override
    public Integer call() throws IOException {
        EvalSettings given = settings.of(EvalSettings.keys(Settings.class, EvalSettings.THREADS));
        Settings set = given.bind(Settings.class, Map.of(), false);
        var export = FeatureExport.to(to);
        try (ImageDataset dataset = ImageDataset.open(data);
                LoadedModel loaded = LoadedModel.open(model);
                ConsoleProgress progress = console.progress("encoding")) {
            int side = RecipeEntry.side(loaded, set.imageSize());
            var extraction = new FeatureExtraction(side, set.batchSize(), given.threads());
            FeatureShape shape =
                    export.write(extraction, loaded, set.representation(), set.transform(), dataset, progress);
            long rows = dataset.size() * shape.vectors();
            console.printf("%s: %,d rows of %d numbers", to, rows, shape.dim());
            printJson(Map.of("file", to.toString(), "rows", rows, "dim", shape.dim()));
        }
        return 0;
    }
}
