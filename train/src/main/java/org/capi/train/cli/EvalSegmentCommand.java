package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Transform;
import org.capi.eval.rows.Standardization;
import org.capi.eval.search.Metric;
import org.capi.eval.segment.SegmentSettings;
import org.capi.eval.segment.Segmentation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Segments images by the features of their patches. */
@Command(
        name = "segment",
        description = "Gives each pixel of the test images a class by the features of its patch: by the votes of the"
                + " nearest training patches, and by logistic regression. Hyper-parameters are chosen on a tenth of the"
                + " training images.",
        footer = {
            "",
            "Keys: probe (knn,logistic), k (1,3,10,30), metric (cosine,l2), c (1e-6 .. 1e5 in 8 steps),",
            "standardization (none, center, center_div, standard, robust, pca or pca_whiten: standard),",
            "subsample (fit on every N-th patch: 1), ignore (labels; those of the datasets), tolerance (1e-5),",
            "max_iterations (1000), image_size (that of the model's training, else 224), transform (squash, the only one:",
            "images and label maps are squashed to a square alike), patch_size (with --pixels: 16), batch_size (32),",
            "threads (one for each core), seed (0). Lists have commas.",
            "",
            "Pixels with an ignored label do not count. k-NN may name an ignored label for a pixel that counts: mIoU (mean_iou)",
            "then counts that label as a class with IoU 0; mean_iou_mmsegmentation (the convention of mmsegmentation) is the",
            "mean over the other classes. Logistic regression never names an ignored label.",
            "",
            "Example: capi eval segment --model models/camvid --train sets/camvid --test sets/camvid:val --out evals/camvid"
        })
final class EvalSegmentCommand implements Callable<Integer> {

    static final List<String> KEYS = List.of(
            "probe",
            "k",
            "metric",
            "c",
            "standardization",
            "subsample",
            "ignore",
            "tolerance",
            "max_iterations",
            EvalSettings.IMAGE_SIZE,
            EvalSettings.TRANSFORM,
            "patch_size",
            "batch_size",
            "threads",
            "seed");
    private static final int BATCH_SIZE = 32;
    private static final int PATCH_SIZE = 16;
    private static final int PIXELS_IMAGE_SIZE = 224;

    private final Console console;

    @Option(names = "--model", paramLabel = "DIR", description = "The SavedModel; not needed with --pixels.")
    private @Nullable Path model;

    @Option(
            names = "--train",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "The images with label maps that the probes are fitted on.")
    private String train = "";

    @Option(
            names = "--test",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "The images with label maps that are judged.")
    private String test = "";

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "Where the result (JSON), the predictions (PNG) and a sheet of some are written.")
    private Path out = Path.of("");

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Where features are kept for the next evaluation; else the folder features below --out.")
    private @Nullable Path cache;

    @Option(names = "--pixels", description = "Judge the pixels of the patches themselves, as a baseline.")
    private boolean pixels;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    @Parameters(paramLabel = "key=value", arity = "0..*", description = "Settings; see below.")
    private List<String> settings = new ArrayList<>();

    EvalSegmentCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (pixels == (model != null)) {
            throw new IllegalArgumentException(
                    "give either --model or --pixels, " + (pixels ? "not both" : "there was neither"));
        }
        var given = new EvalSettings(settings, KEYS);
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            var judged = judged(given, known, asked);
            judged.result().write(out);
            judged.pictures().write(out);
            judged.result()
                    .probes()
                    .forEach(probe -> console.print(String.format(
                            Locale.ROOT,
                            "%s: mIoU %.1f %%%s, accuracy %.1f %% (%s, %s; %s training and %s test images)",
                            probe.probe(),
                            100 * probe.meanIou(),
                            probe.meanIou() == probe.meanIouMmsegmentation()
                                    ? ""
                                    : String.format(
                                            Locale.ROOT,
                                            " (%.1f %% in the convention of mmsegmentation)",
                                            100 * probe.meanIouMmsegmentation()),
                            100 * probe.accuracy(),
                            judged.result().features(),
                            chosen(probe.chosen().toString()),
                            Console.count(known.size()),
                            Console.count(asked.size()))));
            if (json) {
                console.printJson(judged.result());
            }
        }
        return 0;
    }

    private static String chosen(String map) {
        return map.substring(1, map.length() - 1).replace('=', ' ');
    }

    private Segmentation.Judged judged(EvalSettings given, ImageDataset known, ImageDataset asked) throws IOException {
        int batchSize = given.integer("batch_size", BATCH_SIZE);
        SegmentSettings tried = tried(given, known, asked);
        if (model == null) {
            int imageSize = given.integer(EvalSettings.IMAGE_SIZE, PIXELS_IMAGE_SIZE);
            int patchSize = given.integer("patch_size", PATCH_SIZE);
            return new Segmentation(tried, imageSize, batchSize).ofPixels(patchSize, out, known, asked, this::progress);
        }
        try (LoadedModel loaded = LoadedModel.open(model)) {
            var features = new FeatureCache(cache == null ? out.resolve("features") : cache, console::say);
            return new Segmentation(tried, given.imageSize(loaded.encoder()), batchSize)
                    .ofModel(loaded, features, known, asked, this::progress);
        }
    }

    /** Refuses settings and images that cannot be evaluated, before anything is computed. */
    static void check(EvalSettings given, ImageDataset train, ImageDataset test) throws IOException {
        Segmentation.check(tried(given, train, test), train, test);
    }

    private static SegmentSettings tried(EvalSettings given, ImageDataset known, ImageDataset asked) {
        given.checkTransform(Transform.SQUASH, "label maps are squashed");
        Set<Integer> ignored = new TreeSet<>(known.info().ignoreLabels());
        ignored.addAll(asked.info().ignoreLabels());
        return new SegmentSettings(
                list(given, "probe", "knn,logistic", SegmentSettings.Probe::named),
                list(given, "k", text(SegmentSettings.NEIGHBOURS), text -> number("k", text, Integer::valueOf)),
                list(given, "metric", "cosine,l2", Metric::named),
                list(given, "c", text(SegmentSettings.CS), text -> number("c", text, Double::valueOf)),
                Standardization.named(given.text("standardization", "standard")),
                given.integer("subsample", 1),
                Set.copyOf(list(given, "ignore", text(ignored), text -> number("ignore", text, Integer::valueOf))),
                given.number("tolerance", SegmentSettings.TOLERANCE),
                given.integer("max_iterations", SegmentSettings.MAX_ITERATIONS),
                given.integer("seed", 0),
                given.threads());
    }

    private static <T> List<T> list(EvalSettings given, String key, String otherwise, Function<String, T> of) {
        String text = given.text(key, otherwise);
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(",", -1))
                        .map(String::strip)
                        .map(of)
                        .distinct()
                        .toList();
    }

    private static <T> T number(String key, String text, Function<String, T> of) {
        try {
            return of.apply(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " must be numbers with commas between, was " + text, e);
        }
    }

    private static String text(Iterable<?> values) {
        return StreamSupport.stream(values.spliterator(), false)
                .map(String::valueOf)
                .collect(Collectors.joining(","));
    }

    private Progress progress(String part) {
        return console.shown(part);
    }
}
