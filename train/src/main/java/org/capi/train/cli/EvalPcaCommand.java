package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Transform;
import org.capi.eval.pictures.PcaPictures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws the principal components of feature maps. */
@Command(
        name = "pca",
        description =
                "Draws the first three principal components of feature maps as colours beside the images (pca.png),"
                        + " each component from blue to red (components.png), and the colours with every choice of signs (flips.png).",
        footer = {
            "",
            "Keys: images (8), image_size (that of the model's training, else 224), transform (squash: all of the image as a",
            "square; also centre: a square from the centre), threads (one for each core).",
            "",
            "Example: capi eval pca --model models/photos --data sets/photos:val --out evals/photos images=12"
        })
final class EvalPcaCommand implements Callable<Integer> {

    private static final List<String> KEYS =
            List.of("images", EvalSettings.IMAGE_SIZE, EvalSettings.TRANSFORM, "threads");

    private final Console console;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "The SavedModel.")
    private Path model = Path.of("");

    @Option(names = "--data", required = true, paramLabel = "DIR[:SPLIT]", description = "The images.")
    private String data = "";

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the pictures are written.")
    private Path out = Path.of("");

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    @Parameters(paramLabel = "key=value", arity = "0..*", description = "Settings; see below.")
    private List<String> settings = new ArrayList<>();

    EvalPcaCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        PcaPictures.Views views = drawn(new EvalSettings(settings, KEYS));
        views.write(out);
        Path picture = out.resolve(PcaPictures.COLOURS);
        int images = views.sheet().rows().size();
        console.print(picture + ": " + images + " images");
        if (json) {
            console.printJson(Map.of("picture", picture.toString(), "images", images));
        }
        return 0;
    }

    private PcaPictures.Views drawn(EvalSettings given) throws IOException {
        int images = given.integer("images", PcaPictures.IMAGES);
        var transform = given.transform(Transform.SQUASH);
        try (ImageDataset dataset = ImageDataset.open(data);
                LoadedModel loaded = LoadedModel.open(model);
                ConsoleProgress progress = console.progress("encoding")) {
            return new PcaPictures(images, given.imageSize(loaded.encoder()), transform, given.threads())
                    .views(loaded, dataset, progress);
        }
    }
}
