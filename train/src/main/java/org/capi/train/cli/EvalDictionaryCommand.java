package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.files.DurableFile;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Transform;
import org.capi.eval.pictures.DictionaryPictures;
import org.capi.eval.pictures.Sheet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws dictionaries of patches. */
@Command(
        name = "dictionary",
        description = "Draws which of 3, 6 and 10 learnt atoms the patches of some images are made of, as colours.",
        footer = {
            "",
            "Keys: images (8), image_size (that of the model's training, else 224), transform (squash: all of the image as a",
            "square; also centre: a square from the centre), alpha (1), threads (one for each core).",
            "",
            "Example: capi eval dictionary --model models/photos --data sets/photos:val --out evals/photos image_size=448"
        })
final class EvalDictionaryCommand implements Callable<Integer> {

    private static final List<String> KEYS =
            List.of("images", EvalSettings.IMAGE_SIZE, EvalSettings.TRANSFORM, "alpha", "threads");

    private final Console console;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "The SavedModel.")
    private Path model = Path.of("");

    @Option(names = "--data", required = true, paramLabel = "DIR[:SPLIT]", description = "The images.")
    private String data = "";

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the picture is written.")
    private Path out = Path.of("");

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    @Parameters(paramLabel = "key=value", arity = "0..*", description = "Settings; see below.")
    private List<String> settings = new ArrayList<>();

    EvalDictionaryCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Sheet sheet = drawn(new EvalSettings(settings, KEYS));
        Path picture = Files.createDirectories(out).resolve(DictionaryPictures.FILE);
        DurableFile.write(picture, sheet.png());
        int images = sheet.rows().size();
        console.print(picture + ": " + images + " images");
        if (json) {
            console.printJson(Map.of("picture", picture.toString(), "images", images));
        }
        return 0;
    }

    private Sheet drawn(EvalSettings given) throws IOException {
        int images = given.integer("images", DictionaryPictures.IMAGES);
        double alpha = given.number("alpha", DictionaryPictures.ALPHA);
        var transform = given.transform(Transform.SQUASH);
        try (ImageDataset dataset = ImageDataset.open(data);
                LoadedModel loaded = LoadedModel.open(model);
                ConsoleProgress progress = console.progress("encoding")) {
            return new DictionaryPictures(images, given.imageSize(loaded.encoder()), transform, alpha, given.threads())
                    .draw(loaded, dataset, progress);
        }
    }
}
