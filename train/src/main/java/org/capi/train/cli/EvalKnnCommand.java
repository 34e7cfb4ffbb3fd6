package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Transform;
import org.capi.eval.knn.KnnEvaluation;
import org.capi.eval.knn.KnnResult;
import org.capi.eval.knn.NearestNeighbours;
import org.capi.eval.knn.Vote;
import org.capi.eval.search.Metric;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Classifies images by the nearest neighbours of their features. */
@Command(
        name = "knn",
        description = "Names the class of each test image by its nearest training images: cosine similarity,"
                + " votes weighted by exp(cosine / temperature).",
        footer = {
            "",
            "Keys: representation (avg_patch, global or both: avg_patch), k (20), temperature (0.07),",
            "metric (cosine; also l2, with plain votes), vote (weighted; also plain),",
            "image_size (that of the model's training, else 224), transform (centre: a square from the centre; also squash:",
            "all of the image as a square), batch_size (32), threads (one for each core).",
            "",
            "Example: capi eval knn --model models/photos --train sets/photos --test sets/photos:val --out evals/photos",
            "         representation=global"
        })
final class EvalKnnCommand implements Callable<Integer> {

    static final List<String> KEYS = List.of(
            "representation",
            "k",
            "temperature",
            "metric",
            "vote",
            EvalSettings.IMAGE_SIZE,
            EvalSettings.TRANSFORM,
            "batch_size",
            "threads");
    private static final int BATCH_SIZE = 32;
    private static final int UNUSED_IMAGE_SIZE = 1;

    private final Console console;

    @Option(names = "--model", paramLabel = "DIR", description = "The SavedModel; not needed with --pixels.")
    private @Nullable Path model;

    @Option(
            names = "--train",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "The labelled images that are voted with.")
    private String train = "";

    @Option(
            names = "--test",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "The labelled images that are judged.")
    private String test = "";

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the result is written as JSON.")
    private Path out = Path.of("");

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Where features are kept for the next evaluation; else the folder features below --out.")
    private @Nullable Path cache;

    @Option(
            names = "--pixels",
            description = "Compare the images themselves at 16 x 16 pixels (less their mean), as a baseline.")
    private boolean pixels;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    @Parameters(paramLabel = "key=value", arity = "0..*", description = "Settings; see below.")
    private List<String> settings = new ArrayList<>();

    EvalKnnCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (pixels == (model != null)) {
            throw new IllegalArgumentException(
                    "give either --model or --pixels, " + (pixels ? "not both" : "there was neither"));
        }
        var given = new EvalSettings(settings, KEYS);
        KnnResult result = judged(given);
        result.write(out);
        console.print(String.format(
                Locale.ROOT,
                "top-1 %.1f %% (%s, k %d, %d classes, %s training and %s test images)",
                100 * result.top1(),
                result.representation(),
                result.k(),
                result.classes(),
                Console.count(result.train()),
                Console.count(result.test())));
        if (json) {
            console.printJson(result);
        }
        return 0;
    }

    /** Refuses settings and images that cannot be evaluated, before anything is computed. */
    static void check(EvalSettings given, ImageDataset train, ImageDataset test) {
        Representation.named(given.text("representation", "avg_patch")).checkOneVector();
        given.transform(Transform.CENTRE);
        int batchSize = given.integer("batch_size", BATCH_SIZE);
        var extraction = new FeatureExtraction(
                given.integer(EvalSettings.IMAGE_SIZE, UNUSED_IMAGE_SIZE), batchSize, given.threads());
        new KnnEvaluation(List.of(neighbours(given)), extraction).check(train, test);
    }

    private static NearestNeighbours neighbours(EvalSettings given) {
        var standard = NearestNeighbours.STANDARD;
        return new NearestNeighbours(
                given.integer("k", standard.k()),
                given.number("temperature", standard.temperature()),
                Metric.named(given.text("metric", standard.metric().toString())),
                Vote.named(given.text("vote", standard.vote().toString())));
    }

    private KnnResult judged(EvalSettings given) throws IOException {
        var neighbours = neighbours(given);
        var transform = given.transform(Transform.CENTRE);
        var representation = Representation.named(given.text("representation", "avg_patch"));
        int batchSize = given.integer("batch_size", BATCH_SIZE);
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            if (model == null) {
                var extraction = new FeatureExtraction(UNUSED_IMAGE_SIZE, batchSize, given.threads());
                return first(new KnnEvaluation(List.of(neighbours), extraction).ofPixels(known, asked, console::shown));
            }
            try (LoadedModel loaded = LoadedModel.open(model)) {
                var extraction = new FeatureExtraction(given.imageSize(loaded.encoder()), batchSize, given.threads());
                var features = new FeatureCache(cache == null ? out.resolve("features") : cache, console::say);
                return first(new KnnEvaluation(List.of(neighbours), extraction)
                        .ofModel(loaded, features, representation, transform, known, asked, console::shown));
            }
        }
    }

    private static KnnResult first(List<KnnEvaluation.Outcome> outcomes) {
        return outcomes.get(0).result();
    }
}
