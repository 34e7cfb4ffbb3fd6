package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.knn.KnnComparison;
import org.capi.eval.knn.KnnEvaluation;
import org.capi.eval.knn.KnnEvaluation.KnnResult;
import org.capi.eval.recipe.KnnEntry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "knn",
        description = "Measures k-NN accuracy: each test image gets the class of the training images with the"
                + " most similar features. Also prints what the model must beat: chance, raw pixels and the same network"
                + " with random weights.",
        footer = {
            "",
            "Settings (key=value):",
            "  representation  global (default): the model's one vector for the whole image;",
            "                  avg_patch: the mean of the vectors of its patches;",
            "                  both: the two together",
            "  k               number of neighbours that vote; default 20",
            "  temperature     of the weights of the votes; default 0.07",
            "  metric          cosine (default) or l2, which needs vote=plain",
            "  vote            weighted (default) or plain",
            "  image_size      height and width in pixels; default: as in training, else 224",
            "  transform       centre (default): a square from the middle of the image;",
            "                  squash: the whole image, squeezed into a square",
            "  batch_size      images at once; default 32",
            "  threads         threads; default: one for each core",
            "",
            "The table has global and avg_patch. The first line, and top1 of --json, belong",
            "to the chosen representation.",
            "",
            "Example:",
            "  ./capi eval knn --model models/photos --train sets/photos \\",
            "    --test sets/photos:val --out evals/photos"
        })
final class EvalKnnCommand extends EvalCommand.BaselineCommand {

    static final EvalSettings.Kind<KnnEntry> KIND = new EvalSettings.Kind<>(
            KnnEntry.class, EvalSettings.keys(KnnEntry.class, EvalSettings.THREADS), false, null, "");

    @Option(
            names = "--train",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "The labelled training images, among which the neighbours are.")
    private String train = "";

    @Option(
            names = "--test",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "The labelled images to test on.")
    private String test = "";

    @Option(
            names = "--pixels",
            description = "Compare the images themselves at 16 x 16 pixels (less their mean), as a baseline.")
    private boolean pixels;

    @Option(
            names = "--no-baselines",
            description = "Evaluate the model alone. Pixels and the untrained model are measured once and kept with the"
                    + " features.")
    private boolean alone;

    @Override
    public Integer call() throws IOException {
        checkModel(pixels);
        EvalSettings given = settings.of(KIND.keys());
        KnnEntry entry = KIND.entry(given, Map.of("train", train, "test", test));
        if (model == null || alone) {
            KnnResult result = outcomes(entry, given.threads()).get(0).result();
            result.write(out);
            print(result);
            printJson(result);
        } else {
            compare(model, entry, given.threads());
        }
        return 0;
    }

    private void print(KnnResult result) {
        console.printf(
                "top-1 %.1f %% (%s, k %d, %d classes, %,d training and %,d test images)",
                100 * result.top1(),
                result.representation(),
                result.k(),
                result.classes(),
                result.train(),
                result.test());
    }

    private void print(KnnComparison comparison, boolean hasArchitecture) {
        print(comparison.result());
        console.print("");
        List<KnnComparison.Row> rows = comparison.rows();
        int width = rows.stream().mapToInt(row -> row.name().length()).max().orElse(1);
        for (KnnComparison.Row row : rows) {
            console.printf("%-" + width + "s  %5.1f %%  %s", row.name(), 100 * row.top1(), row.meaning());
        }
        if (!hasArchitecture) {
            console.print("untrained: left out, this model does not describe its architecture");
        }
        List<String> warnings = comparison.warnings();
        if (!warnings.isEmpty()) {
            console.print("");
            warnings.forEach(warning -> console.print("warning: " + warning));
            console.print(comparison.advice());
        }
    }

    private void compare(Path folder, KnnEntry entry, int threads) throws IOException {
        try (ImageDataset trainSet = ImageDataset.open(train);
                ImageDataset testSet = ImageDataset.open(test);
                LoadedModel loaded = LoadedModel.open(folder)) {
            KnnComparison comparison = entry.comparisons(loaded, trainSet, testSet, context(threads))
                    .get(0);
            comparison.write(out);
            print(comparison, !loaded.encoder().architecture().isEmpty());
            printJson(comparison);
        }
    }

    private List<KnnEvaluation.Outcome> outcomes(KnnEntry entry, int threads) throws IOException {
        try (ImageDataset trainSet = ImageDataset.open(train);
                ImageDataset testSet = ImageDataset.open(test)) {
            if (model == null) {
                return entry.outcomesOfPixels(trainSet, testSet, threads, console::progress);
            }
            try (LoadedModel loaded = LoadedModel.open(model)) {
                return entry.outcomes(loaded, trainSet, testSet, context(threads));
            }
        }
    }
}
